import { viewOf } from "../../base/bytes.ts";
import { damaged, invalid } from "../format.ts";
import type { Platform, RandomAccess } from "../platform.ts";
import { readColumn } from "./column.ts";
import type { Cell } from "./encodings.ts";
import {
  listIn,
  numberIn,
  structIn,
  ThriftReader,
  type ThriftStruct,
  type ThriftValue,
  textIn,
  textOf,
} from "./thrift.ts";

/** A leaf column. */
export interface Column {
  /** The names of the fields that lead to it. */
  readonly path: readonly string[];
  /** The number in the format: 0 boolean, 1 and 2 integers, 4 and 5 floats, 6 bytes or text. */
  readonly type: number;
  /** How many of the fields that lead to it are optional. */
  readonly maxLevel: number;
  /** Whether one of them is repeated, as in lists, which are not read. */
  readonly isRepeated: boolean;
}

/** What is written at the end of a Parquet file. */
export interface ParquetFile {
  readonly columns: readonly Column[];
  readonly rows: number;
  readonly groups: readonly ThriftStruct[];
  /** Texts by name, such as `huggingface`. */
  readonly metadata: ReadonlyMap<string, string>;
}

const MAGIC = "PAR1";
/** The largest metadata, and the largest column of a row group, in bytes; the most rows of a row group. */
const MAX_METADATA = 2 ** 28;
const MAX_COLUMN = 2 ** 30;
const MAX_ROWS = 2 ** 24;

/** Whether bytes are the start of a Parquet file. */
export const isParquet = (head: Uint8Array): boolean =>
  head.length >= 4 && String.fromCharCode(...head.subarray(0, 4)) === MAGIC;

/** Reads the metadata of a Parquet file. Throws `INVALID_DATA`. */
export async function readParquet(source: RandomAccess, what: string): Promise<ParquetFile> {
  if (source.size < 12) throw damaged(what, "it has no metadata");
  const end = await source.read(source.size - 8, 8);
  if (!isParquet(end.subarray(4))) throw damaged(what, "it does not end as a Parquet file");
  const length = viewOf(end).getUint32(0, true);
  if (length > source.size - 12 || length > MAX_METADATA) throw damaged(what, `its metadata have ${length} bytes`);
  const bytes = (await source.read(source.size - 8 - length, length)).slice();
  const root = new ThriftReader(bytes, 0, (problem) => damaged(what, problem)).struct();
  const groups = structsOf(listIn(root, 4));
  // Runs of equal values, in groups of rows that share them, would make any number of rows of a few bytes.
  const rows = groups.reduce((sum, group) => sum + Math.max(0, numberIn(group, 3)), 0);
  if (rows > source.size) throw damaged(what, `it claims ${rows} rows, too many for its ${source.size} bytes`);
  const pairs = structsOf(listIn(root, 5)).map((pair) => [textIn(pair, 1), textIn(pair, 2)] as const);
  return {
    columns: columnsOf(structsOf(listIn(root, 2)), what),
    rows,
    groups,
    metadata: new Map(pairs),
  };
}

const structsOf = (values: readonly ThriftValue[]): readonly ThriftStruct[] =>
  values.filter((value): value is ThriftStruct => value instanceof Map);

const OPTIONAL = 1;
const REPEATED = 2;

/** The leaves of a schema, which lists every field before those that it consists of. */
function columnsOf(schema: readonly ThriftStruct[], what: string): readonly Column[] {
  const columns: Column[] = [];
  let at = 0;
  const visit = (path: readonly string[], level: number, isRepeated: boolean, isRoot: boolean): void => {
    const element = schema[at++];
    if (!element || path.length > 16) throw damaged(what, "its schema is cut off");
    const repetition = numberIn(element, 3);
    const own = isRoot ? path : [...path, textIn(element, 4)];
    const [maxLevel, repeated] = isRoot
      ? [level, isRepeated]
      : [level + Number(repetition === OPTIONAL || repetition === REPEATED), isRepeated || repetition === REPEATED];
    const children = numberIn(element, 5);
    if (children === 0) columns.push({ path: own, type: numberIn(element, 1, -1), maxLevel, isRepeated: repeated });
    for (let i = 0; i < children; i++) visit(own, maxLevel, repeated, false);
  };
  visit([], 0, false, true);
  return columns;
}

/** The values of a column in a row group, in order. Throws `INVALID_DATA`. */
export async function readCells(
  source: RandomAccess,
  group: ThriftStruct,
  { path, type, maxLevel }: Column,
  what: string,
  platform: Platform,
): Promise<readonly Cell[]> {
  const place = `${what}: column ${path.join(".")}`;
  const rows = numberIn(group, 3);
  if (!(rows >= 0 && rows <= MAX_ROWS))
    throw invalid(what, `a row group has ${rows} rows, above the limit of ${MAX_ROWS}`);
  if (rows === 0) return [];
  const chunk = structsOf(listIn(group, 1))
    .map((column) => structIn(column, 3))
    .find((about) => listIn(about, 3).map(textOf).join("\0") === path.join("\0"));
  if (!chunk) throw damaged(place, "it is missing in a row group");
  const dictionaryAt = numberIn(chunk, 11);
  const dataAt = numberIn(chunk, 9);
  const at = dictionaryAt > 0 ? Math.min(dictionaryAt, dataAt) : dataAt;
  const length = numberIn(chunk, 7);
  if (!(at >= 4 && length >= 0 && at + length <= source.size)) throw damaged(place, "it is outside the file");
  if (length > MAX_COLUMN) throw invalid(place, `a row group has ${length} bytes of it; write smaller row groups`);
  const bytes = (await source.read(at, length)).slice();
  return readColumn({ what: place, bytes, rows, type, codec: numberIn(chunk, 4), maxLevel }, platform);
}
