/** Control characters, and those that change the direction of text. */
const UNSAFE = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/**
 * Escapes control characters as \xNN, and those that change the direction of text as \u{NNNN}, so that text from files
 * cannot move the cursor, change colors, or show letters in another order than they have.
 */
export const printable = (text: string): string =>
  text.replaceAll(UNSAFE, (c) => {
    const code = c.codePointAt(0)!.toString(16);
    return code.length > 2 ? `\\u{${code}}` : `\\x${code.padStart(2, "0")}`;
  });

/**
 * A value as JSON that is printed: what `printable` escapes is an escape of JSON, so that the text is harmless on a terminal
 * and the value is the same.
 */
export const printableJson = (value: unknown, indent?: number): string =>
  JSON.stringify(value, null, indent).replaceAll(UNSAFE, (c) =>
    // The line breaks are those of the layout; JSON has escaped its own.
    c === "\n" ? c : `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

/** {@link printable}, except that line breaks and tabs are kept: for texts of several lines, and for pages. */
export const printableText = (text: string): string => text.replaceAll(/[^\n\r\t]+/g, (piece) => printable(piece));

/** The most characters of a quotation. */
const QUOTED = 80;

/** A text in a message, without quotation marks: printable, and at most 80 characters of it, so that a file cannot fill the screen. */
export const quotation = (text: string): string => printable(text.length > QUOTED ? `${text.slice(0, QUOTED)}…` : text);

/** A value in a message: as JSON, a text in quotation marks; printable and cut as by {@link quotation}. */
export const quoted = (value: unknown): string =>
  typeof value === "string"
    ? printable(JSON.stringify(value.length > QUOTED ? `${value.slice(0, QUOTED)}…` : value))
    : quotation(jsonOf(value));

/** JSON, or what else says most of a value that JSON cannot express, such as a symbol, a bigint or a circle. */
function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}

/** {@link printable}, except that line breaks and our own terminal styles (bold, dim, reset) are kept. */
export const printableLines = (text: string): string =>
  text.replaceAll(PIECES, (piece, kept?: string) => kept ?? printable(piece));

// biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern matches escape sequences
const PIECES = /(\n|\x1b\[(?:0|1|22?)m)|[^\n\x1b]+|\x1b/g;
