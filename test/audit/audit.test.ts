import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Audit,
  type AuditProgress,
  applyFixes,
  auditLabels,
  auditRecord,
  type Dataset,
  defineRecipe,
  dense,
  flatten,
  formatFixes,
  InklingError,
  imageDigests,
  network,
  parseAudit,
  parseFixes,
  proposeFixes,
  type RecipeParts,
  reduceOnPlateau,
  sgd,
} from "../../src/index.ts";
import { bars } from "../training/data.ts";

fc.configureGlobal({ seed: 4 });

const parts: RecipeParts = {
  name: "small",
  description: "a dense layer, whose labels are smoothed",
  network: (spec) => network({ labelSmoothing: 0.2, ...spec }, [flatten(), dense(spec.classes.length)]),
  batchSize: 20,
  length: { steps: 100 },
  optimizer: () => sgd(0.3, { momentum: 0.9 }),
};
const small = defineRecipe(parts);
const clean: Dataset = { ...bars(200), names: Array.from({ length: 200 }, (_, i) => `bars/${i}.png`) };
const PLANTED = [10, 21, 32, 43, 54, 65, 76, 87];
/** Some of the labels are those of the next class. */
const noisy: Dataset = {
  ...clean,
  labels: clean.labels.map((label, row) => (PLANTED.includes(row) ? (label + 1) % 4 : label)),
};
const options = { recipe: small, folds: 4, epochs: 20 };
const audit = await auditLabels(noisy, options);
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => (error instanceof InklingError ? error : Promise.reject(error)),
  );

describe("auditLabels", () => {
  it("finds the labels that are wrong, and what they should be", async () => {
    const errors = audit.suspects.filter(({ kind }) => kind === "labelError");
    expect(errors.map(({ row }) => row).sort((a, b) => a - b)).toEqual(PLANTED);
    const digests = await imageDigests(noisy, PLANTED);
    for (const { row, name, label, suggested, sha256, margin, probabilities } of errors) {
      expect({ label, suggested }).toEqual({
        label: "ABCD"[noisy.labels[row]!],
        suggested: "ABCD"[clean.labels[row]!],
      });
      expect({ name, sha256 }).toEqual({ name: `bars/${row}.png`, sha256: digests[PLANTED.indexOf(row)] });
      expect(probabilities.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 6);
      expect(margin).toBeLessThan(0);
    }
    expect(audit.accuracy).toBeCloseTo(1 - PLANTED.length / 200, 2);
    expect(audit.noise).toBeCloseTo(PLANTED.length / 200, 2);
    expect(audit).toMatchObject({
      images: 200,
      recipe: "small",
      folds: 4,
      steps: 150,
      seed: 1,
      kept: 0,
      source: "bars",
    });
  });

  it("gives the same from the same seed, with any number of threads, and other numbers from another seed", async () => {
    const some = { ...options, epochs: 2, folds: 2 };
    const [a, b, c] = [
      await auditLabels(noisy, { ...some, threads: 1 }),
      await auditLabels(noisy, some),
      await auditLabels(noisy, { ...some, seed: 2 }),
    ];
    expect(b).toEqual(a);
    expect(c.probabilities).not.toEqual(a.probabilities);
  });

  it("does not suspect again what is kept", async () => {
    const again = await auditLabels(noisy, { ...options, kept: [10, 21, 0] });
    expect(again.suspects).toEqual(audit.suspects.filter(({ row }) => row !== 10 && row !== 21));
    expect(again.kept).toBe(2);
  });

  it("gives every data set time to be learned, unless told otherwise", async () => {
    const { steps } = await auditLabels(bars(12), { recipe: small, folds: 2 });
    expect(steps).toBe(500);
    expect((await auditLabels(bars(12), { recipe: small, folds: 2, epochs: 10 })).steps).toBe(3);
  });

  it("holds images back for validation where the learning rate follows it", async () => {
    const optimizer = () => sgd(reduceOnPlateau(0.3), { momentum: 0.9 });
    const { suspects } = await auditLabels(noisy, { ...options, recipe: defineRecipe({ ...parts, optimizer }) });
    const errors = suspects.filter(({ kind }) => kind === "labelError").map(({ row }) => row);
    expect(errors).toEqual(expect.arrayContaining(PLANTED));
  });

  it("says how far it is, up to the end", async () => {
    const seen: AuditProgress[] = [];
    await auditLabels(noisy, { ...options, folds: 3, epochs: 1, onProgress: (progress) => seen.push(progress) });
    expect([...new Set(seen.map(({ fold }) => fold))]).toEqual([1, 2, 3]);
    expect(seen.map(({ share }) => share)).toEqual(seen.map(({ share }) => share).sort((a, b) => a - b));
    expect(seen.at(-1)).toMatchObject({ share: 1, folds: 3, secondsLeft: 0 });
    expect(seen.every(({ imagesPerSecond }) => imagesPerSecond > 0)).toBe(true);
  });

  it("stops when it is told to", async () => {
    const abort = new AbortController();
    const stopped = auditLabels(noisy, {
      ...options,
      epochs: 1e6,
      signal: abort.signal,
      onProgress: () => abort.abort(),
    });
    expect(await failure(stopped)).toMatchObject({
      code: "ABORTED",
      message: "the audit was stopped in fold 1 of 4; its results were discarded",
    });
  });

  it.each<[object, RegExp]>([
    [{ folds: 1 }, /audit: folds is 1, expected a whole number of at least 2/],
    [{ folds: 2.5 }, /audit: folds is 2.5/],
    [{ folds: 201 }, /folds is 201, expected a whole number from 2 to 200/],
    [{ epochs: 0 }, /audit: epochs is 0, expected a number above 0/],
    [{ recipe: "sead" }, /unknown recipe "sead"/],
    [{ backend: "abacus" }, /abacus/],
    [{ seed: -1 }, /seed is -1/],
  ])("refuses %j", async (wrong, message) => {
    const error = await failure(auditLabels(noisy, { ...options, ...wrong }));
    expect(error).toMatchObject({ code: "INVALID_ARGUMENT", message: expect.stringMatching(message) });
  });
});

describe("proposeFixes", () => {
  it("mends the data set: label errors are relabeled, or dropped", async () => {
    const { dataset, counts, unmatched } = await applyFixes(noisy, proposeFixes(audit));
    expect(unmatched).toEqual([]);
    expect(counts).toEqual({ drop: 0, relabel: PLANTED.length, keep: 0 });
    expect(dataset.labels).toEqual(clean.labels);
    const dropped = await applyFixes(noisy, proposeFixes(audit, { labelErrors: "drop" }));
    expect(dropped.counts).toEqual({ drop: PLANTED.length, relabel: 0, keep: 0 });
  });

  it("leaves what is ambiguous, drops what is unreadable where it is told to, and needs one fix for copies without a name", () => {
    const { name: _, ...unnamed } = audit.suspects[0]!;
    const suspects = (["unreadable", "unreadable", "ambiguous"] as const).map((kind, row) => ({
      ...unnamed,
      kind,
      row,
    }));
    expect(proposeFixes({ ...audit, suspects }).fixes).toEqual([]);
    const fixes = proposeFixes({ ...audit, suspects }, { dropUnreadable: true });
    expect(fixes.fixes).toEqual([{ action: "drop", sha256: unnamed.sha256, label: unnamed.label }]);
    expect(parseFixes(formatFixes(fixes))).toEqual(fixes);
  });
});

describe("parseAudit", () => {
  const written = auditRecord(audit);

  it("reads what auditRecord gives, without the probabilities of all", () => {
    const { probabilities: _, ...rest } = audit;
    expect(parseAudit(JSON.stringify(written))).toEqual(rest satisfies Audit);
  });

  it.each<[string, unknown, string, RegExp]>([
    ["another version", { ...written, formatVersion: 9 }, "UNKNOWN_FORMAT", /format version is 9.*update/],
    ["fixes", { ...written, kind: "fixes" }, "INVALID_DATA", /a\.json: kind is "fixes", expected "audit"/],
    [
      "a suspect of no kind",
      { ...written, suspects: [{ kind: "odd" }] },
      "INVALID_DATA",
      /suspects\.0\.kind is "odd", expected labelError/,
    ],
    ["no list", [], "INVALID_DATA", /a\.json is not a JSON object; create an audit/],
  ])("refuses %s", (_, value, code, message) => {
    let error: unknown;
    try {
      parseAudit(JSON.stringify(value), "a.json");
    } catch (reason) {
      error = reason;
    }
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
  });
});
