import { viewOf } from "../../base/bytes.ts";
import { damaged, invalid } from "../format.ts";
import type { Platform } from "../platform.ts";
import { codecNames, codecs } from "./codecs.ts";
import { bitsOf, type Cell, decodeValues, hybrid, PLAIN, type ValueType } from "./encodings.ts";
import { numberIn, structIn, ThriftReader, type ThriftStruct } from "./thrift.ts";

/** A leaf column in a row group, whose values are not repeated. */
export interface Chunk extends ValueType {
  /** Its pages. */
  readonly bytes: Uint8Array;
  readonly rows: number;
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
      dictionary = decodeValues(await unpack(page, size, chunk, platform), PLAIN, count, [], chunk);
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
      `its pages are compressed with ${codecNames[codec] ?? `codec ${codec}`}, which is not supported; write it with Snappy`,
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
  const values = decodeValues(body, numberIn(about, second ? 4 : 2), present, dictionary, chunk);
  if (!defined) return values;
  let next = 0;
  return Array.from(defined, (level) => (level === maxLevel ? values[next++] : undefined));
}
