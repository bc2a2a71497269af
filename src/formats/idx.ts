import { damaged } from "./damaged.ts";
import { checkedArray, countOf, type DType, type NdArray } from "./ndarray.ts";

/** Types of numbers by the format's third byte. */
const types: Readonly<Record<number, Omit<DType, "littleEndian">>> = {
  8: { kind: "u", itemSize: 1 },
  9: { kind: "i", itemSize: 1 },
  11: { kind: "i", itemSize: 2 },
  12: { kind: "i", itemSize: 4 },
  13: { kind: "f", itemSize: 4 },
  14: { kind: "f", itemSize: 8 },
};

/** Whether bytes begin as an IDX file does: two zeros, a type, one to four dimensions. */
export const isIdx = (head: Uint8Array): boolean =>
  head.length >= 8 && head[0] === 0 && head[1] === 0 && head[2]! in types && head[3]! >= 1 && head[3]! <= 4;

/** The array in an IDX file, as MNIST is published. Its bytes are a view of the file's. Throws `INVALID_DATA`. */
export function decodeIdx(bytes: Uint8Array, what = "IDX"): NdArray {
  const { start, ...header } = decodeHeader(bytes, what);
  return checkedArray({ ...header, fortran: false, bytes: bytes.subarray(start) }, what);
}

/** How many bytes an IDX file has by its header. Throws `INVALID_DATA`. */
export function claimedIdxBytes(head: Uint8Array, what: string): number {
  const { start, shape, dtype } = decodeHeader(head, what);
  return start + countOf(shape) * dtype.itemSize;
}

function decodeHeader(bytes: Uint8Array, what: string) {
  if (!isIdx(bytes)) throw damaged(what, "it does not begin as an IDX file");
  const rank = bytes[3]!;
  if (bytes.length < 4 + rank * 4) throw damaged(what, "it ends in its header");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + axis * 4));
  const dtype: DType = { ...types[bytes[2]!]!, littleEndian: false };
  return { dtype, shape, start: 4 + rank * 4 };
}

/** An IDX file of bytes. */
export function encodeIdx(values: Uint8Array, shape: readonly number[]): Uint8Array {
  if (values.length !== countOf(shape)) throw new RangeError("IDX: values do not fit the shape");
  const file = new Uint8Array(4 + shape.length * 4 + values.length);
  file.set([0, 0, 8, shape.length]);
  const view = new DataView(file.buffer);
  for (const [axis, extent] of shape.entries()) view.setUint32(4 + axis * 4, extent);
  file.set(values, 4 + shape.length * 4);
  return file;
}
