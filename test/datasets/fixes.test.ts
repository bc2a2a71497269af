import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InklingError } from "../../src/base/error.ts";
import {
  applyFixes,
  type Dataset,
  type Fix,
  type Fixes,
  fingerprint,
  formatFixes,
  imageDigests,
  parseFixes,
  subset,
} from "../../src/datasets/index.ts";
import { sample } from "./datasets.ts";

fc.configureGlobal({ seed: 4 });

const plain = sample(9);
const named: Dataset = { ...plain, names: Array.from(plain.labels, (label, i) => `set/${"ABC"[label]}/${i}.png`) };
const digests = await imageDigests(plain, [...plain.labels.keys()]);
const fixesOf = (...fixes: readonly Fix[]): Fixes => ({ imageShape: [3, 2, 1], fixes });
/** Of a row: what the fix is for, with the row's name where it has one. */
const target = (row: number, { labels, names }: Dataset = plain) => ({
  sha256: digests[row]!,
  label: "ABC"[labels[row]!]!,
  ...(names && { name: names[row]! }),
});

describe("applyFixes", () => {
  it("drops, relabels and keeps, and leaves the data set given as it is", async () => {
    const before = await fingerprint(plain);
    const { dataset, counts, kept, unmatched } = await applyFixes(
      plain,
      fixesOf(
        { action: "keep", ...target(4) },
        { action: "drop", ...target(1) },
        { action: "relabel", to: "C", ...target(3) },
      ),
    );
    expect([...dataset.labels]).toEqual([0, 2, 2, 1, 2, 0, 1, 2]);
    expect(dataset.images).toEqual(subset(plain, [0, 2, 3, 4, 5, 6, 7, 8]).images);
    expect(dataset.provenance.description).toBe(
      "bytes for tests; 1 images dropped and 1 relabeled by label corrections",
    );
    expect({ counts, kept, unmatched }).toEqual({ counts: { drop: 1, relabel: 1, keep: 1 }, kept: [3], unmatched: [] });
    expect(await fingerprint(plain)).toBe(before);
    expect(await fingerprint(dataset)).not.toBe(before);
  });

  it("finds its images whatever their order", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray([...plain.labels.keys()], { minLength: 9 }),
        fc.array(fc.constantFrom("drop", "relabel", "keep"), { minLength: 9, maxLength: 9 }),
        async (order, actions) => {
          const fixes = fixesOf(
            ...order.slice(1).map((row): Fix => {
              const action = actions[row]!;
              const common = target(row, named);
              return action === "relabel" ? { action, to: "A", ...common } : { action: action as "drop", ...common };
            }),
          );
          const [straight, shuffled] = await Promise.all([
            applyFixes(named, fixes),
            applyFixes(subset(named, order), fixes),
          ]);
          const content = ({ dataset: { labels, names } }: { readonly dataset: Dataset }) =>
            Array.from(labels, (label, i) => `${names![i]} ${label}`).sort();
          expect(content(shuffled)).toEqual(content(straight));
          expect(shuffled.counts).toEqual(straight.counts);
          expect(straight.unmatched).toEqual([]);
        },
      ),
      { numRuns: 30 },
    );
  });

  it("names what matches nothing: other pixels, or another label than the image has", async () => {
    const gone: Fix = { action: "drop", sha256: "0".repeat(64), label: "A", name: "A/gone.png" };
    const other: Fix = { action: "drop", ...target(0), label: "B" };
    const nowhere: Fix = { action: "drop", ...target(0), label: "Z" };
    const { dataset, unmatched } = await applyFixes(plain, fixesOf(gone, other, nowhere));
    expect(dataset).toBe(plain);
    expect(unmatched).toEqual([gone, other, nowhere]);
  });

  const twins = { ...subset(named, [0, 0, 3]), names: ["set/A/0.png", "set/A/twin.png", "set/A/3.png"] };
  const namesAfter = async (dataset: Dataset, ...fixes: readonly Fix[]) =>
    (await applyFixes(dataset, fixesOf(...fixes))).dataset.names;

  it("drops one copy of two also where both files have other names now, and none where that is unclear", async () => {
    const drop: Fix = { action: "drop", ...target(0), name: "old/0.png" };
    const keep: Fix = { action: "keep", ...target(0), name: "old/twin.png" };
    expect(await namesAfter(twins, drop, keep)).toEqual(["set/A/twin.png", "set/A/3.png"]);
    const relabel: Fix = { action: "relabel", to: "B", ...target(0), name: "old/third.png" };
    const { dataset, unmatched } = await applyFixes(twins, fixesOf(drop, keep, relabel));
    expect(dataset).toBe(twins);
    expect(unmatched).toEqual([drop, keep, relabel]);
    const { names: _, ...unnamed } = twins;
    expect((await applyFixes(unnamed, fixesOf(drop, { ...drop, name: "old/1.png" }))).counts.drop).toBe(2);
  });

  it("tells copies of one image apart by their files", async () => {
    const drop = (name: string): Fix => ({ action: "drop", ...target(0), name });
    expect(await namesAfter(twins, drop("set/A/twin.png"))).toEqual(["set/A/0.png", "set/A/3.png"]);
    expect(await namesAfter(twins, drop("A/twin.png"))).toEqual(["set/A/0.png", "set/A/3.png"]);
    expect(await namesAfter(twins, drop("elsewhere/set/A/twin.png"))).toEqual(["set/A/0.png", "set/A/3.png"]);
    expect(await namesAfter(twins, drop("A/in.png"))).toEqual(["set/A/3.png"]);
    expect(await namesAfter(twins, drop("A/0.png"), { ...drop("twin.png"), action: "keep" })).toEqual([
      "set/A/twin.png",
      "set/A/3.png",
    ]);
    const { names: _, ...unnamed } = twins;
    expect((await applyFixes(unnamed, fixesOf(drop("A/0.png")))).dataset.labels.length).toBe(1);
  });

  it.each<[string, Fixes, RegExp]>([
    [
      "another shape",
      { ...fixesOf(), imageShape: [2, 3, 1] },
      /for images of shape \(2, 3, 1\), .* have \(3, 2, 1\).*resize: \[2, 3\]/,
    ],
    [
      "an unknown class",
      fixesOf({ action: "relabel", to: "Q", ...target(0) }),
      /label "Q", which is not a class.*A, B, C/,
    ],
    [
      "dropping all",
      fixesOf(...[...plain.labels.keys()].map((row) => ({ action: "drop" as const, ...target(row) }))),
      /drop every image of test/,
    ],
  ])("refuses %s", async (_, fixes, message) => {
    const error = await applyFixes(plain, fixes).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InklingError);
    expect(error).toMatchObject({ code: "INVALID_DATA", message: expect.stringMatching(message) });
  });
});

describe("parseFixes", () => {
  const fixes: Fixes = {
    source: "letters",
    ...fixesOf(
      { action: "drop", ...target(1, named) },
      { action: "relabel", to: 'a "b"', ...target(2) },
      { action: "keep", ...target(3) },
    ),
  };

  it("reads what formatFixes writes, a line a fix", () => {
    const text = formatFixes(fixes);
    expect(parseFixes(text)).toEqual(fixes);
    expect(text.split("\n").length).toBe(3 + 3);
    expect(parseFixes(formatFixes(fixesOf()))).toEqual(fixesOf());
  });

  const written = JSON.parse(formatFixes(fixes));
  it.each<[string, unknown, string, RegExp]>([
    ["no JSON", "{", "INVALID_DATA", /f\.json is not valid JSON/],
    ["no object", [], "INVALID_DATA", /not a JSON object/],
    ["another version", { ...written, formatVersion: 2 }, "UNKNOWN_FORMAT", /format version is 2.*update/],
    ["no version", { fixes: [] }, "UNKNOWN_FORMAT", /no format version/],
    ["another kind", { ...written, kind: "audit" }, "INVALID_DATA", /kind is "audit", expected "fixes"/],
    ["no list", { ...written, fixes: 7 }, "INVALID_DATA", /fixes is 7, expected a list/],
    ["no shape", { ...written, imageShape: [28, 28] }, "INVALID_DATA", /f\.json: imageShape/],
    [
      "an unknown action",
      { ...written, fixes: [{ action: "burn", ...target(0) }] },
      "INVALID_DATA",
      /fixes\.0\.action is "burn", expected drop, relabel or keep/,
    ],
    [
      "a checksum that is none",
      { ...written, fixes: [{ action: "drop", sha256: "ff", label: "A" }] },
      "INVALID_DATA",
      /fixes\.0\.sha256 is "ff", expected 64 hex/,
    ],
    [
      "a label that is missing",
      { ...written, fixes: [{ action: "drop", sha256: digests[0] }] },
      "INVALID_DATA",
      /fixes\.0\.label is missing/,
    ],
    [
      "a relabel to nothing",
      { ...written, fixes: [{ action: "relabel", ...target(0) }] },
      "INVALID_DATA",
      /fixes\.0\.to is missing/,
    ],
    [
      "two fixes of one image",
      {
        ...written,
        fixes: [
          { action: "keep", ...target(0) },
          { action: "drop", ...target(0) },
        ],
      },
      "INVALID_DATA",
      /fixes 0 and 1 are for the same image/,
    ],
  ])("refuses %s", (_, value, code, message) => {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    const error = (() => {
      try {
        return parseFixes(text, "f.json");
      } catch (reason) {
        return reason;
      }
    })();
    expect(error).toBeInstanceOf(InklingError);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it("throws nothing but InklingError for any JSON,", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        for (const json of [value, { ...written, fixes: value }, { ...written, fixes: [value] }])
          try {
            parseFixes(JSON.stringify(json));
          } catch (error) {
            expect(error).toBeInstanceOf(InklingError);
          }
      }),
    );
  });
});
