import { viewOf } from "../base/bytes.ts";
import { damaged, invalid } from "./format.ts";

/** A numpy dtype: b (bool), i (signed integer), u (unsigned integer), f (float), U (UCS-4 text), S (byte string). */
export interface DType {
  readonly kind: "b" | "i" | "u" | "f" | "U" | "S";
  /** Bytes per element. */
  readonly itemSize: number;
  readonly littleEndian: boolean;
}

/** An array as stored in .npy, IDX and pickle files, before its elements are decoded. */
export interface NdArray {
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** Column-major: the first axis varies fastest. */
  readonly fortran: boolean;
  readonly bytes: Uint8Array;
}

/** Parses a numpy dtype string such as `|u1`, `<f4` or `<U8`. Throws `INVALID_DATA` if it is not supported. */
export function parseDType(descr: string, what: string): DType {
  const [, order, kind, digits] = /^([<>|=]?)([biufUS])(\d{1,6})$/.exec(descr) ?? [];
  const size = Number(digits);
  const sizes = { b: [1], i: [1, 2, 4, 8], u: [1, 2, 4, 8], f: [4, 8] } as Record<string, number[]>;
  if (/^\|?O/.test(descr))
    throw invalid(
      what,
      "an array of Python objects is not supported; save text with .astype(str), numbers with .astype(int)",
    );
  if (kind === undefined || !(sizes[kind]?.includes(size) ?? size > 0))
    throw invalid(
      what,
      `numbers of type ${descr.slice(0, 40)} are not supported; save them as uint8, float32 or int64`,
    );
  return { kind: kind as DType["kind"], itemSize: kind === "U" ? size * 4 : size, littleEndian: order !== ">" };
}

/** The number of elements of a shape. */
export const countOf = (shape: readonly number[]): number => shape.reduce((product, extent) => product * extent, 1);

/** Returns the array if its shape matches the number of its bytes. Throws `INVALID_DATA` otherwise. */
export function checkedArray(array: NdArray, what: string): NdArray {
  checkShape(array.shape, array.dtype, array.bytes.length, what);
  return array;
}

/** Throws `INVALID_DATA` unless an array of this shape and dtype takes exactly this number of bytes. */
export function checkShape(shape: readonly number[], dtype: DType, bytes: number, what: string): void {
  if (shape.length > 8 || !shape.every((extent) => Number.isSafeInteger(extent) && extent >= 0))
    throw damaged(what, `the shape (${shape.slice(0, 9).join(", ")}) is not a shape`);
  const expected = countOf(shape) * dtype.itemSize;
  if (bytes !== expected)
    throw damaged(what, `an array of shape (${shape.join(", ")}) has ${bytes} bytes, expected ${expected}`);
}

type Getter = (view: DataView, at: number, littleEndian: boolean) => number;
const getters: Readonly<Record<string, Getter>> = {
  b1: (view, at) => (view.getUint8(at) ? 1 : 0),
  u1: (view, at) => view.getUint8(at),
  i1: (view, at) => view.getInt8(at),
  u2: (view, at, le) => view.getUint16(at, le),
  i2: (view, at, le) => view.getInt16(at, le),
  u4: (view, at, le) => view.getUint32(at, le),
  i4: (view, at, le) => view.getInt32(at, le),
  u8: (view, at, le) => Number(view.getBigUint64(at, le)),
  i8: (view, at, le) => Number(view.getBigInt64(at, le)),
  f4: (view, at, le) => view.getFloat32(at, le),
  f8: (view, at, le) => view.getFloat64(at, le),
};

/** Elements `from` (inclusive) to `to` (exclusive) of a row-major array of numbers. Throws `INVALID_DATA` for text. */
export function numbers({ dtype, bytes }: NdArray, from: number, to: number, what: string): Float64Array {
  const { kind, itemSize, littleEndian } = dtype;
  const get = getters[`${kind}${itemSize}`];
  if (!get) throw invalid(what, "text was found where numbers are expected");
  const view = viewOf(bytes);
  const values = new Float64Array(to - from);
  for (let i = 0, at = from * itemSize; i < values.length; i++, at += itemSize) values[i] = get(view, at, littleEndian);
  return values;
}

/** The elements of an array as strings; numbers are formatted. */
export function texts(array: NdArray, what: string): string[] {
  const { dtype, shape, bytes } = array;
  const { kind, itemSize, littleEndian } = dtype;
  if (kind !== "U" && kind !== "S") return Array.from(numbers(array, 0, countOf(shape), what), String);
  const view = viewOf(bytes);
  return Array.from({ length: countOf(shape) }, (_, i) => {
    const item = bytes.subarray(i * itemSize, (i + 1) * itemSize);
    if (kind === "S") return new TextDecoder().decode(item).replace(/\0+$/, "");
    const codes = Array.from({ length: itemSize / 4 }, (_, k) => view.getUint32(i * itemSize + k * 4, littleEndian));
    return codes.map((code) => (code === 0 || code > 0x10ffff ? "" : String.fromCodePoint(code))).join("");
  });
}

/** The array in row-major order. */
export function rowMajor(array: NdArray): NdArray {
  const { shape, dtype, bytes } = array;
  if (!array.fortran || shape.length < 2) return { ...array, fortran: false };
  const size = dtype.itemSize;
  const ordered = new Uint8Array(bytes.length);
  const index = shape.map(() => 0);
  const strides = shape.map((_, axis) => countOf(shape.slice(0, axis)));
  for (let at = 0, from = 0; at < ordered.length; at += size) {
    for (let b = 0; b < size; b++) ordered[at + b] = bytes[from * size + b]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      from -= shape[axis]! * strides[axis]!;
      index[axis] = 0;
    }
  }
  return { ...array, fortran: false, bytes: ordered };
}
