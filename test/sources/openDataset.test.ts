import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { InklingError } from "../../src/base/error.ts";
import { type Dataset, fingerprint } from "../../src/datasets/index.ts";
import { MAX_FILE_BYTES } from "../../src/formats/imageFiles.ts";
import { encodePack } from "../../src/formats/pack.ts";
import { type OpenProgress, openDataset as openFiles } from "../../src/index.ts";
import { openDataset, saveDataset, savePack } from "../../src/node.ts";
import { pictureFiles } from "../image/files.ts";
import { grayPng, gzip, tarOf } from "./files.ts";

fc.configureGlobal({ seed: 4 });

const files = Array.from({ length: 60 }, (_, i): [string, Buffer] => [`${"ABC"[i % 3]}/${i}.png`, grayPng(i)]);
const odd: [string, Buffer][] = [
  ["A/broken.png", Buffer.from("no image")],
  ["A/._0.png", grayPng(1)],
  [".cache/A/0.png", grayPng(1)],
];
let root: string;
let expected: Dataset;
let archive: Buffer;

const at = (name: string) => join(root, name);
async function written(name: string, bytes: Uint8Array): Promise<string> {
  await writeFile(at(name), bytes);
  return at(name);
}
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "none",
    (error: unknown) => {
      if (!(error instanceof InklingError)) throw error;
      return error.code;
    },
  );

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "inkling-datasets-"));
  for (const [name, bytes] of [...files, ...odd]) {
    await mkdir(dirname(at(`set/${name}`)), { recursive: true });
    await writeFile(at(`set/${name}`), bytes);
  }
  await symlink(at("set/A/0.png"), at("set/A/link.png"));
  archive = await tarOf([
    [{ name: "A", type: "directory" }],
    ...[...files, ...odd].toReversed(),
    [{ name: "A/link.png", type: "symlink", linkname: "/etc/passwd" }],
  ]);
  expected = await openDataset(at("set"));
});
afterAll(() => rm(root, { recursive: true }));

describe("openDataset", () => {
  it("reads a folder: hidden files ignored, links and unreadable files named", () => {
    expect(expected.labels.length).toBe(60);
    expect(expected.classNames).toEqual(["A", "B", "C"]);
    expect(expected.skipped.map(({ name }) => name)).toEqual(["A/broken.png", "A/link.png"]);
  });

  it("reads the same from an archive and from a pack, whatever their names", async () => {
    const packed = await encodePack(expected);
    const sources = { "a.tar.gz": gzip(archive), "b.bin": gzip(archive), "c.tar": archive, "d.inkling": packed };
    for (const [name, bytes] of Object.entries(sources)) {
      const dataset = await openDataset(await written(name, bytes));
      expect({ ...dataset, provenance: expected.provenance }, name).toEqual(expected);
      expect(await fingerprint(dataset)).toBe(await fingerprint(expected));
    }
  });

  const letters = fileURLToPath(new URL("../../data/letters.inkling", import.meta.url));
  it.skipIf(!existsSync(letters))("opens the built-in letters (skipped where they are not built)", async () => {
    const { classNames, imageShape, groups } = await openDataset("letters");
    expect(classNames).toEqual([..."ABCDEFGHIJ"]);
    expect(imageShape).toEqual([28, 28, 1]);
    expect(groups).toBeDefined();
  });

  it("applies resize and channels to every form", async () => {
    await savePack(expected, at("e.inkling"));
    for (const path of [at("set"), at("e.inkling"), await written("e.tar", archive)])
      expect((await openDataset(path, { resize: [4, 3], channels: 3 })).imageShape).toEqual([4, 3, 3]);
  });

  it("skips a file that is too large, and reads on", async () => {
    const large = await tarOf([["A/large.png", new Uint8Array(MAX_FILE_BYTES + 1)], ...files]);
    const { labels, skipped } = await openDataset(await written("large.tar.gz", gzip(large)));
    expect(labels.length).toBe(60);
    expect(skipped).toEqual([{ name: "A/large.png", reason: expect.stringMatching(/larger than 33554432 bytes/) }]);
  });

  it("never takes a name for a path", async () => {
    const hostile = await tarOf([["../../B/1.png", grayPng(1)], ["/A/../../x.png", grayPng(2)], ...files]);
    expect((await openDataset(await written("hostile.tar", hostile))).labels.length).toBe(60);
    expect(await readdir(root)).not.toContain("B");
  });

  it("says what is wrong with an archive that is cut off", async () => {
    const whole = gzip(archive);
    for (const length of [20, whole.length >> 2, whole.length >> 1, whole.length - 1]) {
      const path = await written("cut.tar.gz", whole.subarray(0, length));
      await expect(openDataset(path)).rejects.toThrow(/cut.tar.gz is a damaged or truncated archive .*fetch it again/);
    }
    const path = await written("cut.tar", archive.subarray(0, 512 * 9 + 10));
    await expect(openDataset(path)).rejects.toThrow(/damaged or truncated/);
  });

  it("throws nothing but InklingError for archives changed at random", async () => {
    const small = await tarOf([...files.slice(0, 4), ["a".repeat(200), grayPng(1)]]);
    const edits = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(small, gzip(small)), edits, async (bytes, changes) => {
        const broken = Uint8Array.from(bytes);
        for (const [place, byte] of changes) broken[place % broken.length] = byte;
        await codeOf(openDataset(await written("fuzz.bin", broken)));
      }),
      { numRuns: 150 },
    );
  });

  it("says what is not there, empty, or of no form that it reads", async () => {
    await expect(openDataset(at("nothing"))).rejects.toThrow(/nothing was not found; use letters/);
    expect(await codeOf(openDataset(at("nothing")))).toBe("NOT_FOUND");
    await expect(openDataset(await written("empty", new Uint8Array()))).rejects.toThrow(
      /empty is empty; fetch or make it again/,
    );
    await expect(openDataset(await written("table", Buffer.from("a,b,c")))).rejects.toThrow(
      /is a table whose first line is "a", "b", "c"; expected a column of files and one of labels \(file,label\)/,
    );
    await expect(openDataset(await written("json", Buffer.from('{"a": 1, "b": 2}')))).rejects.toThrow(
      /is JSON whose first object has the fields "a", "b"; expected one object a line, with the fields "file" and "label"/,
    );
    const text = await written("text", Buffer.from("no table"));
    await expect(openDataset(text)).rejects.toThrow(
      /is not in a format of data sets; use images in a folder for each class/,
    );
    expect(await codeOf(openDataset(text))).toBe("UNKNOWN_FORMAT");
    expect(await codeOf(openDataset(await written("empty.tar.gz", gzip(new Uint8Array(1024)))))).toBe("INVALID_DATA");
    expect(await codeOf(openDataset(await written("no.tar.gz", gzip(Buffer.from("x".repeat(2000))))))).toBe(
      "INVALID_DATA",
    );
    expect(await codeOf(openDataset(at("set"), { channels: 4 as 3 }))).toBe("INVALID_ARGUMENT");
  });

  it("stops when told to, before and while it reads", async () => {
    expect(await codeOf(openDataset(at("set"), { signal: AbortSignal.abort() }))).toBe("ABORTED");
    const many = Array.from({ length: 1500 }, (_, i): [string, Buffer] => [
      `${"AB"[i % 2]}/${i}.png`,
      grayPng(i % 256),
    ]);
    const path = await written("many.tar.gz", gzip(await tarOf(many)));
    const stop = new AbortController();
    const calls: OpenProgress[] = [];
    const onProgress = (progress: OpenProgress) => {
      calls.push(progress);
      stop.abort();
    };
    expect(await codeOf(openDataset(path, { signal: stop.signal, onProgress }))).toBe("ABORTED");
    expect(calls).toHaveLength(1);
  });

  it.each(["arrays.npz", "packed.inkling"])("stops while it reads %s", async (name) => {
    const path = join(root, name);
    await saveDataset(await openDataset(at("set")), path);
    const stop = new AbortController();
    const stopping = openDataset(path, { signal: stop.signal, onProgress: () => stop.abort() });
    expect(await codeOf(stopping)).toBe("ABORTED");
  });

  it("reports how far it is", async () => {
    const path = await written("progress.tar.gz", gzip(archive));
    const calls: OpenProgress[] = [];
    await openDataset(path, { onProgress: (progress) => calls.push(progress) });
    const { bytes, totalBytes, images } = calls.at(-1)!;
    expect(images).toBe(62);
    expect(bytes).toBe(totalBytes);
    expect(totalBytes).toBe(gzip(archive).length);
  });
});

describe("savePack", () => {
  it("replaces a file and leaves nothing else behind", async () => {
    await mkdir(at("packs"));
    for (const dataset of [{ ...expected, skipped: [] }, expected]) await savePack(dataset, at("packs/x.inkling"));
    expect(await readdir(at("packs"))).toEqual(["x.inkling"]);
    const provenance = { ...expected.provenance, reading: "an .inkling file: 60 images in 3 classes" };
    expect(await openDataset(at("packs/x.inkling"))).toEqual({ ...expected, provenance });
  });

  it("says where it cannot write", async () => {
    await expect(savePack(expected, at("missing/x.inkling"))).rejects.toThrow(/missing\/x.inkling cannot be written/);
  });
});

it("skips JPEGs that end early, and keeps them on request", async () => {
  const jpeg = pictureFiles.find(([name]) => name === "444.jpg")![1];
  const files = ["A/1", "A/2", "B/1", "B/2"].map((name) => [`${name}.jpg`, jpeg] as const);
  const cut = jpeg.subarray(0, Math.floor(jpeg.length * 0.9));
  const archive = await tarOf([...files, ["A/cut.jpg", cut]]);
  const skipping = await openFiles(new Blob([archive as Uint8Array<ArrayBuffer>]));
  expect([skipping.labels.length, skipping.skipped.length]).toEqual([4, 1]);
  expect(skipping.skipped[0]?.reason).toMatch(/the picture is damaged: .*\(--keep-damaged\)/);
  const keeping = await openFiles(new Blob([archive as Uint8Array<ArrayBuffer>]), { keepDamaged: true });
  expect([keeping.labels.length, keeping.skipped.length]).toEqual([5, 0]);
});
