import { damaged } from "./format.ts";

/** The longest line supported, in characters: enough for an image of 32 Mi pixels. */
const MAX_LINE = 2 ** 27;

/**
 * Streams the records of a CSV file: RFC 4180 with quoted cells, doubled quotes and line breaks within quotes; lines may
 * also end in LF alone. Line numbers start at 1. Throws `INVALID_DATA`.
 */
export async function* readCsv(
  pieces: AsyncIterable<Uint8Array>,
  what = "CSV",
): AsyncGenerator<{ readonly line: number; readonly cells: string[] }> {
  let line = 0;
  let open: string[] = [];
  let length = 0;
  for await (const text of readLines(pieces, what)) {
    line++;
    const closes = countQuotes(text) % 2 === 1;
    if (open.length > 0 ? !closes : closes) {
      open.push(text);
      if ((length += text.length + 1) > MAX_LINE) throw damaged(what, `the quote before line ${line} is not closed`);
      continue;
    }
    const record = open.length > 0 ? [...open, text].join("\n") : text;
    open = [];
    length = 0;
    if (record.trim() !== "") yield { line, cells: splitCells(record) };
  }
  if (open.length > 0) throw damaged(what, "a quote is not closed");
}

/** The lines of UTF-8 text, without line endings. Throws `INVALID_DATA` for a line that is too long. */
export async function* readLines(pieces: AsyncIterable<Uint8Array>, what: string): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  // Pieces are joined only at the end of a line; otherwise a long line would be searched again with each piece.
  let open: string[] = [];
  let length = 0;
  for await (const piece of pieces) {
    const [first = "", ...others] = decoder.decode(piece, { stream: true }).split("\n");
    open.push(first);
    if ((length += first.length) > MAX_LINE) throw damaged(what, "a line has no end");
    if (others.length === 0) continue;
    const rest = others.pop()!;
    for (const line of [open.join(""), ...others]) yield line.endsWith("\r") ? line.slice(0, -1) : line;
    [open, length] = [[rest], rest.length];
  }
  const last = open.join("") + decoder.decode();
  if (last !== "") yield last;
}

function countQuotes(text: string): number {
  let count = 0;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) count++;
  return count;
}

function splitCells(record: string): string[] {
  if (!record.includes('"')) return record.split(",");
  const cells: string[] = [];
  for (let at = 0; at <= record.length; ) {
    if (record[at] !== '"') {
      const comma = record.indexOf(",", at);
      const end = comma < 0 ? record.length : comma;
      cells.push(record.slice(at, end));
      at = end + 1;
      continue;
    }
    let end = at + 1;
    while (end < record.length && !(record[end] === '"' && record[end + 1] !== '"')) end += record[end] === '"' ? 2 : 1;
    cells.push(record.slice(at + 1, end).replaceAll('""', '"'));
    at = record.indexOf(",", end) < 0 ? record.length + 1 : record.indexOf(",", end) + 1;
  }
  return cells;
}

/** A CSV cell, quoted if necessary. */
export const csvCell = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
