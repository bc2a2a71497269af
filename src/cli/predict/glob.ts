import { join, normalize } from "node:path";

/** Whether a name has wildcards. */
export const isGlob = (name: string): boolean => /[*?[{]/.test(name);

/** The folder below which a glob's matches lie: its parts before the first with a wildcard. */
export function globBase(glob: string): string {
  const parts = glob.split("/");
  const base = parts.slice(0, parts.findIndex(isGlob)).join("/");
  return base === "" ? (glob.startsWith("/") ? "/" : ".") : base;
}

/**
 * What a glob matches, as the shell has it: `*` and `?` within a name, `**` any folders, `[a-z]` and `[!a-z]` one
 * character, `{a,b}` either. It is for paths as `join` gives them.
 */
export function globPattern(glob: string): RegExp {
  const tokens = /\*\*\/|\*\*|\*|\?|\[!?[^\]/]+\]|\{[^{}/]*\}|./gs;
  return new RegExp(`^${normalize(join(glob)).replace(tokens, translated)}$`);
}

function translated(token: string): string {
  if (token === "**/") return "(?:.*/)?";
  if (token === "**") return ".*";
  if (token === "*") return "[^/]*";
  if (token === "?") return "[^/]";
  if (token.length > 1 && token.startsWith("[")) {
    const [, not, set] = /^\[(!?)(.*)\]$/s.exec(token)!;
    return `(?!/)[${not ? "^" : ""}${set!.replace(/[\\\]^]/g, "\\$&")}]`;
  }
  if (token.length > 1 && token.startsWith("{")) {
    const names = token.slice(1, -1).split(",");
    return `(?:${names.map((name) => name.replace(/[*?]|./gs, (t) => (/[*?]/.test(t) ? translated(t) : escaped(t)))).join("|")})`;
  }
  return escaped(token);
}

const escaped = (text: string): string => text.replace(/[\\^$.|?*+()[\]{}]/g, "\\$&");
