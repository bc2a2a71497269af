/** Escapes control characters as \xNN, so that text from files cannot move the cursor or change colors. */
export const printable = (text: string): string =>
  text.replaceAll(/\p{Cc}/gu, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`);

/** {@link printable}, except that line breaks and our own terminal styles (bold, dim, reset) are kept. */
export const printableLines = (text: string): string =>
  text
    .split(STYLES)
    .map((piece, i) => (i % 2 === 1 ? piece : printable(piece)))
    .join("");

// biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern matches escape sequences
const STYLES = /(\n|\x1b\[(?:0|1|2|22)m)/;
