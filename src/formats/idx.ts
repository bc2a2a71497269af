import { viewOf } from "../base/bytes.ts";
import type { Dataset } from "../datasets/dataset.ts";
import { splitNames } from "../datasets/splitSizes.ts";
import { datasetOfArrays } from "./arrays.ts";
import { DEFLATE_RATIO } from "./deflate.ts";
import { damaged, type Format, invalid, isGzip, noPart, type ReadOptions, tooLarge } from "./format.ts";
import { checkedArray, countOf, type DType, type NdArray } from "./ndarray.ts";
import { classesName, classLines, isIdxImages, labelsBeside, labelsName, partOf, readClassesBeside } from "./pairs.ts";
import { type Folder, joinBounded, MAX_UNPACKED, type Place, type Platform, type Source } from "./platform.ts";

/** Element types by the format's third byte. */
const types: Readonly<Record<number, Omit<DType, "littleEndian">>> = {
  8: { kind: "u", itemSize: 1 },
  9: { kind: "i", itemSize: 1 },
  11: { kind: "i", itemSize: 2 },
  12: { kind: "i", itemSize: 4 },
  13: { kind: "f", itemSize: 4 },
  14: { kind: "f", itemSize: 8 },
};

/** Whether bytes are the start of an IDX file: two zeros, a type, and one to four dimensions. */
export const isIdx = (head: Uint8Array): boolean =>
  head.length >= 8 && head[0] === 0 && head[1] === 0 && head[2]! in types && head[3]! >= 1 && head[3]! <= 4;

/** Decodes an IDX file, MNIST's format. The array's bytes are a view of the file's. Throws `INVALID_DATA`. */
export function decodeIdx(bytes: Uint8Array, what = "IDX"): NdArray {
  const { start, ...header } = decodeHeader(bytes, what);
  return checkedArray({ ...header, fortran: false, bytes: bytes.subarray(start) }, what);
}

/** The size in bytes of an IDX file according to its header. Throws `INVALID_DATA`. */
function claimedBytes(head: Uint8Array, what: string): number {
  const { start, shape, dtype } = decodeHeader(head, what);
  return start + countOf(shape) * dtype.itemSize;
}

function decodeHeader(bytes: Uint8Array, what: string) {
  if (!isIdx(bytes)) throw damaged(what, "it does not begin as an IDX file");
  const rank = bytes[3]!;
  if (bytes.length < 4 + rank * 4) throw damaged(what, "it ends in its header");
  const view = viewOf(bytes);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + axis * 4));
  const dtype: DType = { ...types[bytes[2]!]!, littleEndian: false };
  return { dtype, shape, start: 4 + rank * 4 };
}

/** Encodes a uint8 array of the given shape as an IDX file. */
export function encodeIdx(values: Uint8Array, shape: readonly number[]): Uint8Array {
  if (values.length !== countOf(shape)) throw new RangeError("IDX: values do not fit the shape");
  const file = new Uint8Array(4 + shape.length * 4 + values.length);
  file.set([0, 0, 8, shape.length]);
  const view = new DataView(file.buffer);
  for (const [axis, extent] of shape.entries()) view.setUint32(4 + axis * 4, extent);
  file.set(values, 4 + shape.length * 4);
  return file;
}

/** Compressed bytes from which the header is read: the first 512 bytes of any file compress to less. */
const HEAD = 4096;

/** Reads a file, and decompresses it if it is gzipped. Throws `INVALID_DATA`, and `UNSUPPORTED` if it is too large. */
async function readUnpacked(source: Source, platform: Platform, signal?: AbortSignal): Promise<Uint8Array> {
  const bytes = await source.bytes(signal);
  if (!isGzip(bytes)) return bytes;
  const size = claimedBytes(platform.gunzipStart(bytes.subarray(0, HEAD)), source.path);
  if (size > bytes.length * DEFLATE_RATIO)
    throw damaged(source.path, `its header claims ${size} bytes, too many for ${bytes.length}`);
  if (size > MAX_UNPACKED) throw tooLarge(source.path, size, MAX_UNPACKED, "unpack it first, with gunzip");
  try {
    return await joinBounded(platform.gunzip([bytes]), size);
  } catch (cause) {
    throw damaged(source.path, `it cannot be decompressed (${(cause as Error).message})`, cause);
  }
}

/** Concatenates image files and the label files next to them. */
async function openPairs(
  files: readonly Source[],
  place: Place,
  options: ReadOptions,
  platform: Platform,
): Promise<Dataset> {
  const read = async (source: Source) => decodeIdx(await readUnpacked(source, platform, options.signal), source.path);
  const parts = [];
  for (const images of files)
    parts.push({ images: await read(images), labels: await read(await labelsBeside(images)) });
  const classNames = options.classNames ?? (await readClassesBeside(files[0]!));
  const provenance = { source: place.path, description: `IDX files ${files.map(({ name }) => name).join(", ")}` };
  return datasetOfArrays(parts, {
    what: place.path,
    read: options,
    provenance,
    classNames,
    parts: files.map(({ name }) => partOf(name)),
  });
}

/** The image files in a folder, in the order of the parts. A gzipped file is ignored if it is also there uncompressed. */
async function imagesIn(folder: Folder, { part }: ReadOptions): Promise<readonly Source[]> {
  const all = (await folder.names()).filter(isIdxImages).sort();
  const names = all.filter((name) => !(name.endsWith(".gz") && all.includes(name.slice(0, -3))));
  const ordered = splitNames.flatMap((split) =>
    part === undefined || part === split ? names.filter((name) => partOf(name) === split) : [],
  );
  if (ordered.length === 0) throw noPart(folder.path, part!);
  const found = await Promise.all(ordered.map((name) => folder.find(name)));
  return found.filter((source) => source !== undefined);
}

/** MNIST's format: a file of images with a file of labels next to it, or a folder of these; gzipped or not. */
export const idx: Format = {
  id: "idx",
  name: "an IDX file of images with its labels next to it, or a folder of these",
  extensions: ["-idx3-ubyte", "-idx3-ubyte.gz"],
  fileName: (part) => `${part}-images-idx3-ubyte`,
  written: (name) => [name, labelsName(name), classesName(name)],
  matches: ({ head, inner, names }) => (names ? names.some(isIdxImages) : isIdx(head) || isIdx(inner)),
  async open(place, options, platform) {
    if (place.kind === "folder") return openPairs(await imagesIn(place, options), place, options, platform);
    return openPairs([place], place, options, platform);
  },
  encode({ images, labels, imageShape, classNames }, name, _, { gzip }) {
    if (!isIdxImages(name)) throw invalid(name, "a file of images needs a name such as train-images-idx3-ubyte.gz");
    if (classNames.length > 256) throw invalid(name, `${classNames.length} classes are more than IDX labels hold`);
    const packed = (bytes: Uint8Array) => (name.endsWith(".gz") ? gzip([bytes]) : [bytes]);
    const [height, width, channels] = imageShape;
    const shape = channels === 1 ? [labels.length, height, width] : [labels.length, height, width, channels];
    return [
      { name, contents: packed(encodeIdx(images, shape)) },
      { name: labelsName(name), contents: packed(encodeIdx(Uint8Array.from(labels), [labels.length])) },
      { name: classesName(name), contents: [classLines(classNames, name)] },
    ];
  },
};
