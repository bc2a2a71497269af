import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeFileAtomic } from "../../src/base/node/writeFile.ts";
import { writeZip } from "../../src/formats/zipWriter.ts";
import { type Dataset, fingerprint, subset } from "../../src/index.ts";
import { type OpenOptions, openDataset, saveDataset, savePack } from "../../src/node.ts";
import { sorted } from "../formats/datasets.ts";
import { type Choice, chromiumPath, type Opened, Site } from "./site.ts";

const gray = sorted(60, [9, 7, 1], ["A", "B", "C"]);
const color = sorted(30, [6, 8, 3], ["apple", "pear"]);
const pictures = fileURLToPath(new URL("../image/files/", import.meta.url));

describe.skipIf(!chromiumPath)("in Chromium, if there is one: data sets", () => {
  const site = new Site();
  let folder = "";
  let address = "";
  const at = (name: string) => join(folder, name);
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "inkling-browser-"));
    await site.make();
    address = await site.serve({ isolated: false });
  }, 300_000);
  afterAll(async () => {
    await site.remove();
    await rm(folder, { recursive: true });
  });

  /** What Node says of the same files. */
  async function inNode(path: string, options: OpenOptions = {}): Promise<Omit<Opened, "isStreamed">> {
    const dataset = await openDataset(path, options);
    const { labels, names, groups, skipped } = dataset;
    return {
      fingerprint: await fingerprint(dataset),
      images: labels.length,
      names,
      groups: groups && [...groups],
      skipped,
    };
  }

  /** Opens files in the page and in a worker, and expects what Node gives. */
  async function expectNode(choice: Choice, path: string, options: OpenOptions = {}): Promise<void> {
    const expected = await inNode(path, options);
    for (const inWorker of [false, true]) {
      const given = { ...choice, inWorker, options: { ...options, ...choice.options } };
      expect(await site.open(address, given), inWorker ? "worker" : "page").toEqual({ ...expected, isStreamed: false });
    }
  }

  it.each<[string, Dataset]>([
    ["gray.tar", gray],
    ["color.tar.gz", color],
    ["gray.tgz", gray],
    ["color.zip", color],
    ["gray.npz", gray],
    ["gray.pickle", gray],
    ["color.csv", color],
    ["gray.inkling", { ...gray, groups: Uint32Array.from(gray.labels, (_, i) => i >> 2) }],
  ])("opens to Node's fingerprint: %s", async (name, dataset) => {
    await saveDataset(dataset, at(name));
    await expectNode({ how: "chosen", paths: [at(name)] }, at(name));
    await expectNode({ how: "dropped", paths: [at(name)] }, at(name), { resize: [5, 4], channels: 3 });
  });

  it("opens a folder of images for each class, chosen or by a handle", async () => {
    await saveDataset(color, at("set/"));
    await writeFileAtomic(at("set/apple/notes.txt"), "not an image");
    await expectNode({ how: "chosen", paths: at("set") }, at("set"));
    await expectNode({ how: "handle", paths: at("set") }, at("set"));
  });

  it.each([
    ["idx", "train-images-idx3-ubyte.gz", undefined],
    ["npy", "images.npy", undefined],
    ["csv-files", "list.csv", "csv-files"],
    ["jsonl", "list.jsonl", undefined],
  ])("opens what lies beside each other: %s", async (own, name, format) => {
    await mkdir(at(own));
    const path = at(join(own, name));
    const dataset = { ...gray, groups: Uint32Array.from(gray.labels, (_, i) => i >> 2) };
    await saveDataset(dataset, path, { ...(format && { format }) });
    const options = own === "idx" ? {} : { file: name };
    for (const how of ["chosen", "handle"] as const) await expectNode({ how, paths: at(own), options }, path);
  });

  it("takes the part of a pickle", async () => {
    await saveDataset(gray, at("parts.pickle"));
    await expectNode({ how: "chosen", paths: [at("parts.pickle")] }, at("parts.pickle"), { part: "validation" });
  });

  it("decodes JPEG and WebP to Node's pixels", async () => {
    const names = ["420.jpg", "444.jpg", "rgb.jpg", "cmyk.jpg", "grey-progressive.jpg", "lossy.webp", "lossless.webp"];
    const files = await Promise.all(
      names.map(async (name, i) => ({ name: `${"AB"[i % 2]}/${name}`, bytes: await readFile(join(pictures, name)) })),
    );
    await writeFileAtomic(at("pictures.zip"), writeZip(files));
    await expectNode({ how: "chosen", paths: [at("pictures.zip")] }, at("pictures.zip"), { resize: [20, 30] });
  });

  it("leaves the images of a pack in its file in a worker, and reads them into memory in the page", async () => {
    await savePack(gray, at("raw.inkling"), { compress: false });
    const expected = await inNode(at("raw.inkling"));
    for (const inWorker of [false, true]) {
      const choice = { how: "chosen", paths: [at("raw.inkling")], streamed: true, inWorker } as const;
      expect(await site.open(address, choice)).toEqual({ ...expected, isStreamed: inWorker });
    }
  });

  it("opens the built-in letters by the address that a bundler gives them", async () => {
    const expected = await inNode("letters");
    for (const inWorker of [false, true])
      expect(await site.openLetters(address, inWorker)).toEqual({ ...expected, isStreamed: false });
  });

  it("says what is wrong with a damaged archive", async () => {
    await saveDataset(gray, at("whole.tar.gz"));
    await writeFileAtomic(at("cut.tar.gz"), (await readFile(at("whole.tar.gz"))).subarray(0, 700));
    await expect(site.open(address, { how: "chosen", paths: [at("cut.tar.gz")] })).rejects.toThrow(
      /cut.tar.gz is a damaged or truncated archive/,
    );
  });

  it("trains to Node's weights on a .tar.gz that is dropped on the page", async () => {
    const letters = await openDataset("letters");
    const some = subset(
      letters,
      letters.labels.map((_, i) => i).filter((i) => i % 40 === 0),
    );
    await saveDataset(some, at("letters.tar.gz"));
    const training = { steps: 60, threads: 1 };
    const page = await site.trainOnDropped(address, at("letters.tar.gz"), training);
    const node = await site.trainInNode({ ...training, path: at("letters.tar.gz") });
    expect(page).toEqual({ ...node, imagesPerSecond: expect.any(Number) });
  });
});
