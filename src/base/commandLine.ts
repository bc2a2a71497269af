/** A word as shells read it; a # at the start of one begins a comment. */
const quoted = (word: string): string =>
  /^(?!#)[\w@%+=:,./#-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

/** Words as one line that a shell reads as these words. */
export const commandLine = (words: readonly string[]): string => words.map(quoted).join(" ");
