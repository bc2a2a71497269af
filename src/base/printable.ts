/** Text from files, with its control characters as \xNN: a name may not move the cursor or change colours. */
export const printable = (text: string): string =>
  text.replaceAll(/\p{Cc}/gu, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`);

/** {@link printable}, but for breaks between lines and the styles that a terminal itself gives. */
export const printableLines = (text: string): string =>
  text
    .split(STYLES)
    .map((piece, i) => (i % 2 === 1 ? piece : printable(piece)))
    .join("");

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const STYLES = /(\n|\x1b\[(?:0|1|2|22)m)/;
