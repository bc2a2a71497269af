import { viewOf } from "../../base/bytes.ts";
import { damaged, invalid } from "../format.ts";
import type { Platform } from "../platform.ts";
import { codecNames, codecs } from "./codecs.ts";
import { numberIn, structIn, ThriftReader, type ThriftStruct } from "./thrift.ts";

/** A value of a column; undefined if it is null. */
export type Cell = number | Uint8Array | undefined;

/** A leaf column in a row group, whose values are not repeated. */
export interface Chunk {
  /** The file and column, for messages. */
  readonly what: string;
  /** Its pages. */
  readonly bytes: Uint8Array;
  readonly rows: number;
  /** The number in the format: 0 boolean, 1 and 2 integers, 6 bytes. */
  readonly type: number;
  readonly codec: number;
  /** The level at which a value is defined: how many of its fields are optional. */
  readonly maxLevel: number;
}

/** The largest page, decompressed, in bytes. */
const MAX_PAGE = 2 ** 29;

const DATA = 0;
const DICTIONARY = 2;
const DATA_V2 = 3;

/** The values of a column, in order. Throws `INVALID_DATA`. */
export async function readColumn(chunk: Chunk, platform: Platform): Promise<readonly Cell[]> {
  const { what, bytes, rows } = chunk;
  const broken = (problem: string) => damaged(what, problem);
  const cells: Cell[] = [];
  let dictionary: readonly Cell[] = [];
  for (let at = 0; cells.length < rows; ) {
    const reader = new ThriftReader(bytes, at, broken);
    const header = reader.struct();
    const [stored, size] = [numberIn(header, 3, -1), numberIn(header, 2, -1)];
    if (stored < 0 || size < 0 || stored > bytes.length - reader.at) throw broken("a page is cut off");
    if (size > MAX_PAGE) throw broken(`a page has ${size} bytes`);
    const page = bytes.subarray(reader.at, reader.at + stored);
    at = reader.at + stored;
    const type = numberIn(header, 1, -1);
    if (type === DICTIONARY) {
      const count = numberIn(structIn(header, 7), 1);
      dictionary = plain(await unpack(page, size, chunk, platform), count, chunk);
    } else if (type === DATA || type === DATA_V2)
      for (const cell of await dataPage(header, page, dictionary, chunk, rows - cells.length, platform))
        cells.push(cell);
  }
  return cells;
}

async function unpack(
  stored: Uint8Array,
  size: number,
  { what, codec }: Chunk,
  platform: Platform,
): Promise<Uint8Array> {
  const found = codecs[codec];
  if (!found)
    throw invalid(
      what,
      `its pages are compressed by ${codecNames[codec] ?? `codec ${codec}`}, which is not supported; write it with Snappy`,
    );
  if (size > stored.length * found.maxRatio)
    throw damaged(what, `a page claims ${size} bytes, too many for its ${stored.length}`);
  try {
    const bytes = await found.unpack(stored, size, platform);
    if (bytes.length === size) return bytes;
  } catch (cause) {
    throw damaged(what, "a page cannot be decompressed", cause);
  }
  throw damaged(what, "a page has another size than it claims");
}

async function dataPage(
  header: ThriftStruct,
  stored: Uint8Array,
  dictionary: readonly Cell[],
  chunk: Chunk,
  left: number,
  platform: Platform,
): Promise<readonly Cell[]> {
  const { what, maxLevel } = chunk;
  const second = structIn(header, 8);
  const about = second ?? structIn(header, 5);
  const count = numberIn(about, 1);
  if (!(count > 0 && count <= left)) throw damaged(what, `a page has ${count} values of ${left}`);
  const levelBytes = second ? numberIn(second, 5) : 0;
  let body: Uint8Array;
  let levels: Uint8Array = new Uint8Array();
  if (second) {
    // Levels come first and are not compressed; there are none of repetition.
    if (levelBytes + numberIn(second, 6) > stored.length) throw damaged(what, "a page is cut off");
    levels = stored.subarray(0, levelBytes);
    const values = stored.subarray(levelBytes);
    const size = numberIn(header, 2) - levelBytes;
    body = second.get(7) === false ? values : await unpack(values, size, chunk, platform);
  } else {
    body = await unpack(stored, numberIn(header, 2), chunk, platform);
    if (maxLevel > 0) {
      const length = body.length < 4 ? -1 : viewOf(body).getUint32(0, true);
      if (length < 0 || 4 + length > body.length) throw damaged(what, "the levels of a page are cut off");
      levels = body.subarray(4, 4 + length);
      body = body.subarray(4 + length);
    }
  }
  const defined = maxLevel > 0 ? hybrid(levels, bitsOf(maxLevel), count, what) : undefined;
  const present = defined ? defined.reduce((sum, level) => sum + Number(level === maxLevel), 0) : count;
  const values = decoded(body, numberIn(about, second ? 4 : 2), present, dictionary, chunk);
  if (!defined) return values;
  let next = 0;
  return Array.from(defined, (level) => (level === maxLevel ? values[next++] : undefined));
}

const bitsOf = (most: number): number => 32 - Math.clz32(most);
function decoded(
  body: Uint8Array,
  encoding: number,
  count: number,
  dictionary: readonly Cell[],
  chunk: Chunk,
): readonly Cell[] {
  const { what } = chunk;
  if (encoding === 0) return plain(body, count, chunk);
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
function plain(body: Uint8Array, count: number, { type, what }: Chunk): readonly Cell[] {
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

/** Runs of equal values, and groups of eight values of `width` bits, as levels and indices are stored. */
function hybrid(bytes: Uint8Array, width: number, count: number, what: string): Uint32Array {
  const values = new Uint32Array(count);
  const reader = new VarintReader(bytes, 0, what);
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
  const reader = new VarintReader(body, 0, what);
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

class VarintReader {
  readonly #bytes: Uint8Array;
  readonly #what: string;
  at: number;

  constructor(bytes: Uint8Array, at: number, what: string) {
    this.#bytes = bytes;
    this.at = at;
    this.#what = what;
  }

  byte(): number {
    const byte = this.#bytes[this.at++];
    if (byte === undefined) throw damaged(this.#what, "its values are cut off");
    return byte;
  }

  varint(): number {
    let [value, scale] = [0, 1];
    for (let byte = 128; byte & 128; scale *= 128) {
      byte = this.byte();
      value += (byte & 127) * scale;
      if (scale > 2 ** 63) throw damaged(this.#what, "a number is too long");
    }
    return value;
  }

  zigzag(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}
