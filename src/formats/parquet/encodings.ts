import { viewOf } from "../../base/bytes.ts";
import { damaged, invalid } from "../format.ts";
import { VarintReader } from "./varint.ts";

/** A value of a column; undefined if it is null. */
export type Cell = number | Uint8Array | undefined;

/** What the values of a page are. */
export interface ValueType {
  /** The file and column, for messages. */
  readonly what: string;
  /** The number in the format: 0 boolean, 1 and 2 integers, 4 and 5 floats, 6 bytes. */
  readonly type: number;
}

/** The encoding of values one after another. */
export const PLAIN = 0;

/**
 * Decodes `count` values of a page by the number of their encoding: plain, indices into a dictionary, or differences, of
 * numbers or of the lengths of texts. Throws `INVALID_DATA`.
 */
export function decodeValues(
  body: Uint8Array,
  encoding: number,
  count: number,
  dictionary: readonly Cell[],
  kind: ValueType,
): readonly Cell[] {
  const { what } = kind;
  if (encoding === PLAIN) return plain(body, count, kind);
  if (encoding === 2 || encoding === 8) {
    const width = body[0] ?? 0;
    if (width > 32) throw damaged(what, "an index has more than 32 bits");
    return Array.from(hybrid(body.subarray(1), width, count, what), (index) => {
      if (index >= dictionary.length) throw damaged(what, "an index is outside its dictionary");
      return dictionary[index];
    });
  }
  if (encoding === 5) return deltas(body, count, what).values;
  if (encoding === 6) {
    const { values: lengths, at } = deltas(body, count, what);
    return slices(body, at, lengths, what);
  }
  throw invalid(
    what,
    `its values have encoding ${encoding}, which is not supported; write it with a dictionary or plain`,
  );
}

/** Values one after another; bytes have their length before them. */
function plain(body: Uint8Array, count: number, { type, what }: ValueType): readonly Cell[] {
  const view = viewOf(body);
  const sizes: Readonly<Record<number, number>> = { 1: 4, 2: 8, 4: 4, 5: 8 };
  const short = (needed: number) => {
    if (needed > body.length) throw damaged(what, "its values are cut off");
  };
  if (type === 6) {
    short(4 * count);
    const cells: Cell[] = [];
    for (let at = 0; cells.length < count; ) {
      short(at + 4);
      const length = view.getUint32(at, true);
      short(at + 4 + length);
      cells.push(body.subarray(at + 4, at + 4 + length));
      at += 4 + length;
    }
    return cells;
  }
  const size = sizes[type];
  if (size === undefined) throw invalid(what, "its values are neither bytes, text nor numbers");
  short(size * count);
  return Array.from({ length: count }, (_, i) => {
    if (type === 1) return view.getInt32(4 * i, true);
    if (type === 2) return Number(view.getBigInt64(8 * i, true));
    return type === 4 ? view.getFloat32(4 * i, true) : view.getFloat64(8 * i, true);
  });
}

/** The bits of the numbers from 0 to `most`. */
export const bitsOf = (most: number): number => 32 - Math.clz32(most);

/**
 * Runs of equal values, and groups of eight values of `width` bits, as levels and indices are stored. Throws
 * `INVALID_DATA`.
 */
export function hybrid(bytes: Uint8Array, width: number, count: number, what: string): Uint32Array {
  const values = new Uint32Array(count);
  const reader = readerOf(bytes, what);
  const valueBytes = Math.ceil(width / 8);
  for (let filled = 0; filled < count; ) {
    const head = reader.varint();
    const length = Math.floor(head / 2);
    if (head % 2 === 0) {
      let value = 0;
      for (let i = 0; i < valueBytes; i++) value += reader.byte() * 256 ** i;
      const end = Math.min(count, filled + length);
      if (end === filled) throw damaged(what, "a run of its values is empty");
      values.fill(value, filled, end);
      filled = end;
    } else {
      const end = Math.min(count, filled + 8 * length);
      if (end === filled) throw damaged(what, "a group of its values is empty");
      const start = reader.at;
      for (let i = 0; filled < end; i++, filled++) values[filled] = bitsAt(bytes, start, i * width, width, what);
      reader.at = start + length * width;
    }
  }
  return values;
}

/** An unsigned number of up to 32 bits, the least significant bit first. */
function bitsAt(bytes: Uint8Array, start: number, bit: number, width: number, what: string): number {
  let value = 0;
  for (let done = 0; done < width; ) {
    const at = bit + done;
    const byte = bytes[start + Math.floor(at / 8)];
    if (byte === undefined) throw damaged(what, "its values are cut off");
    const taken = Math.min(8 - (at % 8), width - done);
    value += ((byte >> (at % 8)) & ((1 << taken) - 1)) * 2 ** done;
    done += taken;
  }
  return value;
}

/** DELTA_BINARY_PACKED: blocks of differences, packed in miniblocks. Returns where they end, too. */
function deltas(
  body: Uint8Array,
  count: number,
  what: string,
): { readonly values: readonly number[]; readonly at: number } {
  const reader = readerOf(body, what);
  const [block, miniblocks, total] = [reader.varint(), reader.varint(), reader.varint()];
  const perMiniblock = block / miniblocks;
  if (
    total !== count ||
    !(Number.isInteger(perMiniblock) && perMiniblock > 0 && perMiniblock % 8 === 0) ||
    miniblocks > 512
  )
    throw damaged(what, "its differences are not possible");
  let value = reader.zigzag();
  const values = count > 0 ? [value] : [];
  while (values.length < count) {
    const least = reader.zigzag();
    const widths = Array.from({ length: miniblocks }, () => reader.byte());
    for (const width of widths) {
      if (values.length >= count) break;
      if (width > 52) throw damaged(what, `a difference has ${width} bits`);
      const start = reader.at;
      for (let i = 0; i < perMiniblock && values.length < count; i++) {
        value += least + bitsAt(body, start, i * width, width, what);
        values.push(value);
      }
      reader.at = start + (perMiniblock * width) / 8;
    }
  }
  return { values, at: reader.at };
}

function slices(body: Uint8Array, start: number, lengths: readonly number[], what: string): readonly Cell[] {
  let at = start;
  return lengths.map((length) => {
    if (!(length >= 0 && at + length <= body.length)) throw damaged(what, "its values are cut off");
    at += length;
    return body.subarray(at - length, at);
  });
}

const readerOf = (bytes: Uint8Array, what: string): VarintReader =>
  new VarintReader(bytes, 0, "its values", (problem) => damaged(what, problem));
