import { stripVTControlCharacters } from "node:util";
import { printable, printableLines } from "../base/printable.ts";

/** Where a command writes: results to `out`, progress and remarks to `note`. */
export interface Terminal {
  out(line: string): void;
  note(line: string): void;
  /** One line that is rewritten in place; nothing where nobody watches. */
  progress(line: string): void;
  /** Removes the progress line. */
  clear(): void;
  bold(text: string): string;
  dim(text: string): string;
}

const wantsColor = (stream: NodeJS.WriteStream): boolean => stream.isTTY && !process.env["NO_COLOR"];

/** The process's own terminal. With `json`, everything for people goes to stderr, so that stdout holds one JSON object. */
export function createTerminal({ json = false }: { readonly json?: boolean } = {}): Terminal {
  const lines = json ? process.stderr : process.stdout;
  const live = process.stderr;
  const style = (code: number) => (text: string) => (wantsColor(lines) ? `\x1b[${code}m${text}\x1b[0m` : text);
  let shown = false;
  const clear = () => {
    if (shown) live.write("\r\x1b[K");
    shown = false;
  };
  return {
    out(line) {
      clear();
      lines.write(`${printableLines(line)}\n`);
    },
    note(line) {
      clear();
      process.stderr.write(`${printableLines(line)}\n`);
    },
    progress(line) {
      if (!live.isTTY) return;
      const fitting = printable(stripVTControlCharacters(line)).slice(0, Math.max(10, (live.columns || 80) - 1));
      live.write(`\r\x1b[K${fitting}`);
      shown = true;
    },
    clear,
    bold: style(1),
    dim: style(2),
  };
}
