import { stripVTControlCharacters, styleText } from "node:util";
import { FORMAT_VERSION } from "../base/formatVersion.ts";
import { printable, printableJson, printableLines } from "../base/printable.ts";

/** The output of a command: results go to `out`, progress and remarks to `note`. */
export interface Terminal {
  out(line: string): void;
  note(line: string): void;
  /** The number of characters that fit a line of results: the terminal's width, else the variable COLUMNS, else 80. */
  readonly columns: number;
  /** Prints a picture made of characters, but only if results go to a terminal that can show it. */
  picture(lines: (options: { readonly columns: number; readonly color: boolean }) => readonly string[]): void;
  /** Rewrites a progress line in place; does nothing unless stderr is a terminal. */
  progress(line: string): void;
  /** Removes the progress line. */
  clear(): void;
  /** Bold text, if it is written to a terminal with styles. */
  bold(text: string): string;
  /** Dimmed text, under the same condition. */
  dim(text: string): string;
}

const isTerminal = (stream: NodeJS.WriteStream): boolean => stream.isTTY && process.env["TERM"] !== "dumb";

/**
 * Styles and colors are used only on terminals, and not if NO_COLOR (https://no-color.org) is set. FORCE_COLOR is
 * ignored, so that output read by programs stays plain.
 */
const hasColor = (stream: NodeJS.WriteStream): boolean => isTerminal(stream) && !process.env["NO_COLOR"];

const columnsOf = (stream: NodeJS.WriteStream): number =>
  stream.columns || Number.parseInt(process.env["COLUMNS"] ?? "", 10) || 80;

/** Rows of tables have two gaps or more, and commands are copied, so neither is broken. */
const unbroken = / {2,}\S.* {2,}\S|\binkling [a-z]/;

/** The start of a line below which its other lines stand: its indentation, or a short name and the gap after it. */
const hanging = /^ *(?:\S.{0,14} {2,})?/;

/** A line of prose as lines that fit a terminal, broken between words. Styles take no space. */
function broken(line: string, columns: number): string {
  if (stripVTControlCharacters(line).length <= columns || unbroken.test(line)) return line;
  const start = hanging.exec(line)![0];
  const indent = " ".repeat(stripVTControlCharacters(start).length);
  const lines: string[] = [];
  let current = start;
  for (const word of line.slice(start.length).split(" ")) {
    const next = current === start || current === indent ? current + word : `${current} ${word}`;
    if (stripVTControlCharacters(next).length <= columns || next === current + word) current = next;
    else {
      lines.push(current);
      current = indent + word;
    }
  }
  return [...lines, current].join("\n");
}

function writeLine(stream: NodeJS.WriteStream, line: string): void {
  const plain = printableLines(line);
  const text = isTerminal(stream) && stream.columns ? broken(plain, stream.columns) : plain;
  stream.write(`${hasColor(stream) ? text : stripVTControlCharacters(text)}\n`);
}

/** Always applies a style; it is removed on output if styles are off. */
const style = (name: "bold" | "dim") => (text: string) => styleText(name, text, { validateStream: false });

/** The process's own terminal. With `json`, everything for people goes to stderr, so that stdout holds one JSON object. */
export function createTerminal({ json = false }: { readonly json?: boolean } = {}): Terminal {
  const lines = json ? process.stderr : process.stdout;
  const live = process.stderr;
  let shown = false;
  const clear = () => {
    if (shown) live.write("\r\x1b[K");
    shown = false;
  };
  return {
    columns: columnsOf(lines),
    out(line) {
      clear();
      writeLine(lines, line);
    },
    note(line) {
      clear();
      writeLine(process.stderr, line);
    },
    picture(draw) {
      if (!isTerminal(lines)) return;
      clear();
      for (const line of draw({ columns: columnsOf(lines), color: hasColor(lines) })) lines.write(`${line}\n`);
    },
    progress(line) {
      if (!live.isTTY) return;
      const fitting = printable(stripVTControlCharacters(line)).slice(0, Math.max(10, columnsOf(live) - 1));
      live.write(`\r\x1b[K${fitting}`);
      shown = true;
    },
    clear,
    bold: style("bold"),
    dim: style("dim"),
  };
}

/** The output of `--json`: one JSON object on stdout, which begins with the version of its format. */
export function printSummary(summary: object): void {
  process.stdout.write(`${printableJson({ formatVersion: FORMAT_VERSION, ...summary })}\n`);
}

/** A terminal that shows nothing, for processes that work for another one. */
export const silentTerminal: Terminal = {
  columns: 80,
  out() {},
  note() {},
  picture() {},
  progress() {},
  clear() {},
  bold: (text) => text,
  dim: (text) => text,
};
