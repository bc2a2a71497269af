import { printable, printableJson } from "../../base/printable.ts";

/** Text of a line of Markdown, in which nothing has a meaning of its own. */
export const plain = (text: string): string =>
  printable(text)
    .replaceAll(/[\\`*_{}[\]#|~!$^]/g, "\\$&")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replace(/^(\s*)([-+]|\d+[.)])(?=\s|$)/, "$1\\$2");

/** A table; the first column is aligned to the left, all others to the right. */
export const markdownTable = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map((_, k) => (k === 0 ? "---" : "--:")), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

/** A block of code. Its lines must not begin with a fence. */
export const fenced = (language: string, code: string): string => `\`\`\`${language}\n${code}\n\`\`\``;

/** A string of YAML, which includes JSON's. */
export const yamlString = (text: string): string => printableJson(text);
