/** The licences a family may have, by SPDX name, and words that its licence text must hold. */
export const licences: Readonly<Record<string, RegExp>> = {
  "OFL-1.1": /SIL Open Font License/i,
  "Apache-2.0": /Apache License/i,
  "UFL-1.0": /Ubuntu Font Licence/i,
};

/** Families whose A … J are no Latin letters: bar codes, graphs, blots, icons, digits of displays. */
const notLetters: readonly RegExp[] = [
  /^libre-barcode-/,
  /^(wavefont|linefont|yakuhanjp)$/,
  /^(flow|redacted|yarndings|material-icons|material-symbols|dseg)/,
  /^noto-(color-)?emoji$/,
  /^noto-sans-symbols/,
];

/** Whether a family has no Latin letters, by its id. No other family is left out for how it looks. */
export const isDenied = (id: string): boolean => notLetters.some((pattern) => pattern.test(id));
