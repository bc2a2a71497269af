import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { writeFileAtomic } from "../../base/node/writeFile.ts";
import type { Dataset } from "../../datasets/dataset.ts";
import { splitNames } from "../../datasets/splitSizes.ts";
import { datasetOfArrays } from "../arrays.ts";
import { invalid } from "../damaged.ts";
import { claimedIdxBytes, decodeIdx, encodeIdx, isIdx } from "../idx.ts";
import { noPart } from "../namedArrays.ts";
import { finish } from "./finish.ts";
import type { Format, ReadOptions } from "./format.ts";
import { classesBeside, classLines, isIdxImages, labelsBeside, partOf, readClassesBeside } from "./pairs.ts";
import { readUnpacked } from "./readWhole.ts";

/** The data set of files of images and the labels beside them, one after another. */
async function openPairs(paths: readonly string[], source: string, options: ReadOptions): Promise<Dataset> {
  let bytes = 0;
  const read = async (path: string) => {
    const unpacked = await readUnpacked(path, claimedIdxBytes, options.signal);
    bytes += unpacked.length;
    return decodeIdx(unpacked, path);
  };
  const parts = [];
  for (const path of paths) parts.push({ images: await read(path), labels: await read(labelsBeside(path)) });
  const classNames = options.classNames ?? (await readClassesBeside(paths[0]!));
  const provenance = { source, description: `IDX files ${paths.map((path) => basename(path)).join(", ")}` };
  return finish(datasetOfArrays(parts, { what: source, provenance, classNames }), bytes, options);
}

/** The files of images in a folder, in the order of the parts, without a second, gzipped one. */
async function imagesIn(folder: string, { part }: ReadOptions): Promise<string[]> {
  const all = (await readdir(folder)).filter(isIdxImages).sort();
  const names = all.filter((name) => !(name.endsWith(".gz") && all.includes(name.slice(0, -3))));
  const ordered = splitNames.flatMap((split) =>
    part === undefined || part === split ? names.filter((name) => partOf(name) === split) : [],
  );
  if (ordered.length === 0) throw noPart(folder, part!);
  return ordered.map((name) => join(folder, name));
}

/** Where the labels of a file of images are saved. */
const labelsPathOf = (path: string): string =>
  join(dirname(path), basename(path).replace(/images([.-])idx3/, "labels$1idx1"));

/** MNIST's format: a file of images, or a folder of such, and files of labels beside them; gzipped or not. */
export const idx: Format = {
  id: "idx",
  name: "an IDX file of images with its labels beside it, or a folder of such",
  extensions: ["-idx3-ubyte", "-idx3-ubyte.gz"],
  fileName: (part) => `${part}-images-idx3-ubyte`,
  written: (path) => [path, labelsPathOf(path), classesBeside(path)],
  parts: true,
  matches: ({ head, inner, names }) => (names ? names.some(isIdxImages) : isIdx(head) || isIdx(inner)),
  async open(path, options) {
    const names = await readdir(path).catch(() => undefined);
    if (names) return openPairs(await imagesIn(path, options), path, options);
    if (options.part !== undefined && partOf(basename(path)) !== options.part) throw noPart(path, options.part);
    return openPairs([path], path, options);
  },
  async save(dataset, path) {
    const { images, labels, imageShape, classNames } = dataset;
    const name = basename(path);
    if (!isIdxImages(name)) throw invalid(path, "a file of images needs a name such as train-images-idx3-ubyte.gz");
    if (classNames.length > 256) throw invalid(path, `${classNames.length} classes are more than IDX labels hold`);
    const lines = classLines(classNames, path);
    const packed = (bytes: Uint8Array) => (name.endsWith(".gz") ? gzipSync(bytes) : bytes);
    const [height, width, channels] = imageShape;
    const shape = channels === 1 ? [labels.length, height, width] : [labels.length, height, width, channels];
    await writeFileAtomic(path, packed(encodeIdx(images, shape)));
    await writeFileAtomic(labelsPathOf(path), packed(encodeIdx(Uint8Array.from(labels), [labels.length])));
    await writeFileAtomic(classesBeside(path), lines);
  },
};
