import { InklingError, message, optionRef } from "../base/error.ts";
import { quoted } from "../base/printable.ts";
import { partNamed } from "../datasets/parts.ts";
import type { Layout, Placement } from "./layout.ts";

const placeholder = /\{(class|group|split)\}|\*\*\/?|\*/g;
const escaped = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");

/**
 * The regular expression of a pattern such as `train/{class}.*.png`, matched from the end of a name up to a slash.
 * Placeholders match as few characters as possible, and no slash. Throws `INVALID_ARGUMENT` for a pattern without
 * `{class}`, or with a placeholder that is unknown or repeated.
 */
function compile(pattern: string): RegExp {
  const wrong = (problem: string) =>
    new InklingError(
      "INVALID_ARGUMENT",
      message`${optionRef("classPattern")} is ${quoted(pattern)}: ${problem}; expected a path with {class}, and optionally {group}, {split}, * and **, e.g. train/{class}.*`,
    );
  let [source, at] = ["", 0];
  const seen = new Set<string>();
  for (const found of pattern.matchAll(placeholder)) {
    const [text, name] = found;
    source += escaped(pattern.slice(at, found.index));
    at = found.index + text.length;
    if (name !== undefined && seen.size === seen.add(name).size) throw wrong(`{${name}} is repeated`);
    source += name ? `(?<${name}>[^/]+?)` : text === "*" ? "[^/]*" : text === "**" ? ".*" : "(?:.*/)?";
  }
  const rest = pattern.slice(at);
  const unknown = /\{[^}]*\}?/.exec(pattern.replaceAll(placeholder, ""));
  if (unknown) throw wrong(`${unknown[0]} is not a placeholder`);
  if (!seen.has("class")) throw wrong("it has no {class}");
  return new RegExp(`^(?:.*?/)??${source}${escaped(rest)}$`, "s");
}

/** Throws `INVALID_ARGUMENT` for an invalid pattern: see {@link ReadOptions.classPattern}. */
export function checkClassPattern(pattern: string | undefined): void {
  if (pattern !== undefined) compile(pattern);
}

/** Reads classes, and groups and parts if the pattern has them, from the names of image files. Throws as {@link checkClassPattern}. */
export function readPattern(names: readonly string[], pattern: string): Layout {
  const expression = compile(pattern);
  const placements = names.map((name): Placement | string => {
    const found = expression.exec(name)?.groups;
    if (!found) return `its name does not match the pattern ${pattern}`;
    const { class: className, group, split } = found;
    const part = split === undefined ? undefined : partNamed(split);
    if (split !== undefined && part === undefined) return `${quoted(split)} is none of train, val and test`;
    return { className: className!, group, part };
  });
  return { placements, reading: [`classes by the pattern ${pattern}`] };
}
