import { concatBytes } from "../base/bytes.ts";
import { guessEncoding } from "./encodings.ts";
import { damaged, HEAD_BYTES, invalid } from "./format.ts";

/** The longest line supported, in characters: enough for an image of 32 Mi pixels. */
const MAX_LINE = 2 ** 27;
/** Characters from which the separator is found, and the most records. */
const SAMPLE = 2 ** 16;
const SAMPLE_RECORDS = 20;

/** What separates cells; the first that divides all records alike is taken, since the later ones also occur within cells. */
const separators = ["\t", ";", "|", ","] as const;
export type Separator = (typeof separators)[number];

/** A record, and the line where it begins, from 1. */
export interface CsvRecord {
  readonly line: number;
  readonly cells: readonly string[];
}

/** A table that is being read. */
export interface CsvTable {
  readonly separator: Separator;
  readonly records: AsyncGenerator<CsvRecord>;
  /** What was found to read it, where it is not commas and UTF-8. Call it after the last record. */
  readonly notes: () => readonly string[];
}

/**
 * Streams the records of delimited text: RFC 4180 with quoted cells, doubled quotes and line breaks within quotes.
 * Cells are separated by commas, semicolons, tabs or `|`; lines end in CR LF, LF or CR; Excel's first line `sep=;` and
 * empty lines are left out. The text is UTF-8, UTF-16, or of an encoding that is guessed. Throws `INVALID_DATA`.
 */
export async function openCsv(pieces: AsyncIterable<Uint8Array>, what: string): Promise<CsvTable> {
  const text = decoded(pieces, what);
  const sample: string[] = [];
  let length = 0;
  let isWhole = true;
  for (let next = await text.pieces.next(); !next.done; next = await text.pieces.next()) {
    sample.push(next.value);
    if ((length += next.value.length) < SAMPLE) continue;
    isWhole = false;
    break;
  }
  const separator = separatorOf(sample.join(""), isWhole);
  async function* all() {
    yield* sample;
    yield* text.pieces;
  }
  const names: Readonly<Record<Separator, string>> = { "\t": "tabs", ";": "semicolons", "|": '"|"', ",": "commas" };
  return {
    separator,
    records: recordsOf(linesOf(all(), what), separator, what),
    notes: () => [
      ...(separator === "," ? [] : [`cells separated by ${names[separator]}`]),
      ...(text.encoding() === undefined ? [] : [text.encoding()!]),
    ],
  };
}

/** The first records in the start of a file ({@link HEAD_BYTES}), without what is cut off, and their separator; undefined if it is not text in cells. */
export function sniffCsv(
  head: Uint8Array,
): { readonly separator: Separator; readonly rows: readonly string[][] } | undefined {
  const text = startText(head);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: text has none but these
  if (text === undefined || /[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\ufffd]/.test(text)) return undefined;
  const isWhole = head.length < HEAD_BYTES;
  const separator = separatorOf(text, isWhole);
  const rows = sampleRecords(text, separator, isWhole);
  return (rows[0]?.length ?? 0) > 1 ? { separator, rows } : undefined;
}

/** The text at the start of a file, without a character that is cut off. */
export function startText(head: Uint8Array): string | undefined {
  const encoding = wideEncoding(head);
  if (encoding) return new TextDecoder(encoding).decode(head.subarray(0, head.length & ~1));
  const text = new TextDecoder().decode(head, { stream: true });
  if (!text.includes("\ufffd")) return text;
  const cut = head.subarray(0, lastPlain(head) + 1);
  return guessEncoding([cut])?.decode(cut);
}

/** UTF-16 by its byte order mark, or by the zeros of ASCII in it. */
function wideEncoding(head: Uint8Array): "utf-16le" | "utf-16be" | undefined {
  const [a, b, c, d] = head;
  if ((a === 0xff && b === 0xfe) || (a && b === 0 && c && d === 0)) return "utf-16le";
  if ((a === 0xfe && b === 0xff) || (a === 0 && b && c === 0 && d)) return "utf-16be";
  return undefined;
}

/** The last byte that is a character of its own in every encoding but UTF-16: line breaks, digits, separators. */
function lastPlain(bytes: Uint8Array): number {
  let at = bytes.length - 1;
  while (at >= 0 && bytes[at]! >= 0x40) at--;
  return at;
}

/** Decodes pieces. `encoding` says afterwards what was found. */
function decoded(pieces: AsyncIterable<Uint8Array>, what: string) {
  let note: string | undefined;
  async function* text(): AsyncGenerator<string> {
    let decode: ((bytes: Uint8Array) => string) | undefined;
    let held: Uint8Array[] = [];
    for await (const piece of pieces) {
      const plain = lastPlain(piece);
      held.push(piece);
      // UTF-16 is found by four bytes.
      if (decode === undefined && held.reduce((sum, { length }) => sum + length, 0) < 4) continue;
      if (decode === undefined) {
        const wide = wideEncoding(concatBytes(held));
        if (wide) {
          note = `text in ${wide.toUpperCase()}`;
          const decoder = new TextDecoder(wide);
          for (const part of held) yield decoder.decode(part, { stream: true });
          for await (const part of pieces) yield decoder.decode(part, { stream: true });
          yield decoder.decode();
          return;
        }
        decode = narrow();
      }
      if (plain < 0) continue;
      const cut = piece.length - plain - 1;
      const joined = held.length === 1 ? piece : concatBytes(held);
      yield decode(joined.subarray(0, joined.length - cut));
      held = cut === 0 ? [] : [joined.subarray(joined.length - cut)];
    }
    if (held.length > 0) yield (decode ?? narrow())(concatBytes(held));
  }
  function narrow(): (bytes: Uint8Array) => string {
    const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    let decode = (bytes: Uint8Array): string | undefined => {
      try {
        return utf8.decode(bytes);
      } catch {
        const guess = guessEncoding([bytes]);
        if (!guess) return undefined;
        note = `text that is not UTF-8 read as ${guess.name} (a guess)`;
        decode = guess.decode;
        return guess.decode(bytes);
      }
    };
    let isFirst = true;
    return (bytes) => {
      const plain = decode(bytes);
      if (plain === undefined) throw invalid(what, "its text is not UTF-8; save it as UTF-8");
      const start = isFirst && plain.startsWith("\ufeff") ? plain.slice(1) : plain;
      isFirst = false;
      return start;
    };
  }
  return { pieces: text(), encoding: () => note };
}

/** A line without its end, which is "" for the last one of a file that ends without. */
interface Line {
  readonly text: string;
  readonly end: string;
}

/** Throws `INVALID_DATA` for a line that is too long. */
async function* linesOf(pieces: AsyncIterable<string>, what: string): AsyncGenerator<Line> {
  // Pieces are joined only at the end of a line; otherwise a long line would be searched again with each piece.
  let open: string[] = [];
  let length = 0;
  let held = "";
  for await (const piece of pieces) {
    let text = held + piece;
    // A CR at the end may be the first half of a line end.
    held = text.endsWith("\r") ? "\r" : "";
    if (held) text = text.slice(0, -1);
    let at = 0;
    for (const { index, 0: end } of text.matchAll(/\r\n|\n|\r/g)) {
      open.push(text.slice(at, index));
      yield { text: open.join(""), end };
      [open, length, at] = [[], 0, index + end.length];
    }
    open.push(text.slice(at));
    if ((length += text.length - at) > MAX_LINE) throw damaged(what, "a line has no end");
  }
  const last = open.join("");
  if (last !== "" || held !== "") yield { text: last, end: held };
}

/** The lines of text, without line ends. Throws `INVALID_DATA` for a line that is too long. */
export async function* readLines(pieces: AsyncIterable<Uint8Array>, what: string): AsyncGenerator<string> {
  for await (const { text } of linesOf(decoded(pieces, what).pieces, what)) yield text;
}

/** Excel's first line that names the separator. */
const NAMED = /^"?sep=([\t;|,])"?$/i;

function separatorOf(sample: string, isWhole: boolean): Separator {
  const named = NAMED.exec(sample.split(/[\r\n]/, 1)[0]!)?.[1];
  if (named) return named as Separator;
  const counts = separators.map((separator) => sampleRecords(sample, separator, isWhole).map(({ length }) => length));
  const alike = counts.findIndex(([first = 0, ...others]) => first > 1 && others.every((count) => count === first));
  if (alike >= 0 && counts[alike]!.length > 1) return separators[alike]!;
  const most = Math.max(...counts.map(([first = 0]) => first));
  return separators[counts.findLastIndex(([first]) => first === most)]!;
}

/**
 * The first records of a sample. If its end may be cut off, the last record is left out or, if it is the only one, its last
 * cell.
 */
function sampleRecords(sample: string, separator: Separator, isWhole: boolean): string[][] {
  const records: string[][] = [];
  const parser = new RecordParser(separator);
  const lines = sample.split(/\r\n|\n|\r/).filter((line) => line.trim() !== "" && !NAMED.test(line));
  for (const [i, line] of lines.entries()) {
    const isLast = i === lines.length - 1;
    const added = parser.add(line, "\n");
    const cells = added ?? (isLast ? parser.unfinished() : undefined);
    if (!cells) continue;
    const isCut = isLast && !isWhole && (added === undefined || !/[\r\n]$/.test(sample));
    if (isCut && records.length > 0) break;
    records.push(isCut && cells.length > 1 ? cells.slice(0, -1) : cells);
    if (records.length === SAMPLE_RECORDS) break;
  }
  return records;
}

async function* recordsOf(lines: AsyncIterable<Line>, separator: Separator, what: string): AsyncGenerator<CsvRecord> {
  const parser = new RecordParser(separator);
  let line = 0;
  let start = 1;
  let length = 0;
  for await (const { text, end } of lines) {
    line++;
    if (!parser.isOpen && (text.trim() === "" || (line === 1 && NAMED.test(text)))) continue;
    if (!parser.isOpen) [start, length] = [line, 0];
    const cells = parser.add(text, end);
    if (cells) yield { line: start, cells };
    else if ((length += text.length) > MAX_LINE) throw damaged(what, `the quote in line ${start} is not closed`);
  }
  if (parser.isOpen) throw damaged(what, `the quote in line ${start} is not closed`);
}

/** Makes cells of lines, of which several may be one record. */
class RecordParser {
  readonly #separator: Separator;
  #cells: string[] = [];
  /** The parts of the quoted cell that is open. */
  #quoted: string[] | undefined;

  constructor(separator: Separator) {
    this.#separator = separator;
  }

  /** Whether a quoted cell continues in the next line. */
  get isOpen(): boolean {
    return this.#quoted !== undefined;
  }

  /** The cells, if the record ends with this line. */
  add(line: string, end: string): string[] | undefined {
    if (!this.#quoted && !line.includes('"')) return line.split(this.#separator);
    for (let at = 0; ; ) {
      if (!this.#quoted) {
        const quote = /^[ \u00a0]*"/.exec(line.slice(at, at + 64));
        if (quote) {
          this.#quoted = [];
          at += quote[0].length;
        }
      }
      if (this.#quoted) {
        at = this.#toQuote(line, at);
        if (at < 0) {
          this.#quoted.push(end);
          return undefined;
        }
      }
      const next = line.indexOf(this.#separator, at);
      const rest = line.slice(at, next < 0 ? line.length : next);
      this.#cells.push(this.#quoted ? this.#quoted.join("") + rest.trim() : rest);
      this.#quoted = undefined;
      if (next < 0) return this.#taken();
      at = next + 1;
    }
  }

  /** What there is of a record whose quote is open. */
  unfinished(): string[] {
    this.#cells.push((this.#quoted ?? []).join(""));
    this.#quoted = undefined;
    return this.#taken();
  }

  #taken(): string[] {
    const cells = this.#cells;
    this.#cells = [];
    return cells;
  }

  /** Adds quoted text up to its closing quote, and returns the place after that; −1 if it is not in this line. */
  #toQuote(line: string, from: number): number {
    for (let at = from; ; ) {
      const quote = line.indexOf('"', at);
      if (quote < 0) {
        this.#quoted!.push(line.slice(at));
        return -1;
      }
      const isDoubled = line[quote + 1] === '"';
      this.#quoted!.push(line.slice(at, isDoubled ? quote + 1 : quote));
      at = quote + (isDoubled ? 2 : 1);
      if (!isDoubled) return at;
    }
  }
}

/** A CSV cell, quoted if necessary. */
export const csvCell = (text: string): string => (/[",;|\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
