import { concatBytes, viewOf } from "../base/bytes.ts";
import { datasetOfArrays } from "./arrays.ts";
import { damaged, type Format, invalid } from "./format.ts";
import { checkedArray, checkShape, countOf, type NdArray, parseDType } from "./ndarray.ts";
import { classesName, classLines, isImagesName, labelsBeside, labelsName, partOf, readClassesBeside } from "./pairs.ts";
import type { Source } from "./platform.ts";

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
/** The longest header supported, in bytes; those of real files take about a hundred. */
const MAX_HEADER = 2 ** 16;

/** Whether bytes are the start of an .npy file. */
const isNpy = (head: Uint8Array): boolean => MAGIC.every((byte, i) => head[i] === byte);

/** Decodes an .npy file, version 1 to 3. The array's bytes are a view of the file's. Throws `INVALID_DATA`. */
export function decodeNpy(bytes: Uint8Array, what = "npy"): NdArray {
  const { start, ...header } = decodeHeader(bytes, what);
  return checkedArray({ ...header, bytes: bytes.subarray(start) }, what);
}

/** Throws `INVALID_DATA` if the header in `head` does not match an .npy file of `size` bytes. */
export function checkNpySize(head: Uint8Array, size: number, what: string): void {
  const { start, shape, dtype } = decodeHeader(head, what);
  checkShape(shape, dtype, size - start, what);
}

/** The shape of the array in an .npy file whose header can be read. */
export function npyShape(bytes: Uint8Array): readonly number[] | undefined {
  try {
    return decodeHeader(bytes, "npy").shape;
  } catch {
    return undefined;
  }
}

/** The header of an .npy file, and the position where the array starts. */
function decodeHeader(bytes: Uint8Array, what: string): Omit<NdArray, "bytes"> & { readonly start: number } {
  if (!isNpy(bytes) || bytes.length < 10) throw damaged(what, "it does not begin as a .npy file");
  const version = bytes[6]!;
  if (version < 1 || version > 3) throw invalid(what, `format version ${version} is not supported, only 1 to 3`);
  const view = viewOf(bytes);
  if (version > 1 && bytes.length < 12) throw damaged(what, "it ends in its header");
  const start = version === 1 ? 10 : 12;
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > MAX_HEADER || start + length > bytes.length) throw damaged(what, `its header has ${length} bytes`);
  const header = new TextDecoder().decode(bytes.subarray(start, start + length));
  const descr = /'descr'\s*:\s*'([^']*)'/.exec(header)?.[1];
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(header)?.[1];
  const shape = /'shape'\s*:\s*\(([\d\s,]*)\)/.exec(header)?.[1];
  if (descr === undefined && /'descr'\s*:\s*\[/.test(header))
    throw invalid(what, "arrays of records are not supported; save images and labels as arrays of their own");
  if (descr === undefined || order === undefined || shape === undefined)
    throw damaged(what, "its header has no descr, fortran_order and shape");
  const extents = shape.split(",").map((extent) => extent.trim());
  return {
    dtype: parseDType(descr, what),
    shape: extents.filter((extent) => extent !== "").map(Number),
    fortran: order === "True",
    start: start + length,
  };
}

/** Encodes numbers or strings of the given shape as an .npy file (version 1). */
export function encodeNpy(values: NpyValues, shape: readonly number[]): Uint8Array {
  const { descr, bytes } = Array.isArray(values) ? textBytes(values) : numberBytes(values as NumberValues);
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const header = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${tuple}, }`;
  // Padded with spaces and a line feed, so that the array starts at a multiple of 64 bytes.
  const length = Math.ceil((10 + header.length + 1) / 64) * 64 - 10;
  const text = `${header.padEnd(length - 1)}\n`;
  const start = Uint8Array.of(...MAGIC, 1, 0, length & 255, length >> 8);
  if (bytes.length % Math.max(1, countOf(shape)) !== 0) throw new RangeError("npy: values do not fit the shape");
  return concatBytes([start, new TextEncoder().encode(text), bytes]);
}

type NumberValues = Uint8Array | Uint16Array | Uint32Array | Int32Array | Float32Array;
type NpyValues = NumberValues | readonly string[];

function numberBytes(values: NumberValues): { descr: string; bytes: Uint8Array } {
  const kind = values instanceof Float32Array ? "f" : values instanceof Int32Array ? "i" : "u";
  const size = values.BYTES_PER_ELEMENT;
  return {
    descr: `${size === 1 ? "|" : "<"}${kind}${size}`,
    bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
  };
}

function textBytes(values: readonly string[]): { descr: string; bytes: Uint8Array } {
  const codes = values.map((text) => Array.from(text, (character) => character.codePointAt(0)!));
  const longest = Math.max(1, ...codes.map((text) => text.length));
  const bytes = new Uint8Array(values.length * longest * 4);
  const view = new DataView(bytes.buffer);
  for (const [i, text] of codes.entries())
    for (const [k, code] of text.entries()) view.setUint32((i * longest + k) * 4, code, true);
  return { descr: `<U${longest}`, bytes };
}

/** numpy's file format for one array: a file of images with a file of labels next to it. */
export const npy: Format = {
  id: "npy",
  name: "an .npy file of images with its labels next to it",
  extensions: [".npy"],
  fileName: (part) => `${part}-images.npy`,
  written: (name) => [name, labelsName(name), classesName(name)],
  matches: ({ head }) => isNpy(head),
  async open(source: Source, { signal, ...options }) {
    const { path, name } = source;
    const beside = await labelsBeside(source);
    const images = decodeNpy(await source.bytes(signal), path);
    const labels = decodeNpy(await beside.bytes(signal), beside.path);
    const classNames = options.classNames ?? (await readClassesBeside(source));
    const provenance = { source: path, description: `arrays of ${name} and ${beside.name}` };
    return datasetOfArrays([{ images, labels }], {
      what: path,
      read: options,
      provenance,
      classNames,
      parts: [partOf(name)],
    });
  },
  encode({ images, labels, imageShape, classNames }, name) {
    if (!/images/.test(name) || !isImagesName(name))
      throw invalid(name, "a file of images needs a name such as images.npy, with labels.npy next to it");
    const [height, width, channels] = imageShape;
    const shape = channels === 1 ? [labels.length, height, width] : [labels.length, height, width, channels];
    return [
      { name, contents: [encodeNpy(images, shape)] },
      { name: labelsName(name), contents: [encodeNpy(Int32Array.from(labels), [labels.length])] },
      { name: classesName(name), contents: [classLines(classNames, name)] },
    ];
  },
};
