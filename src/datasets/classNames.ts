import { quoted } from "../base/printable.ts";

/** The names of classes, and what was done to find them. */
export interface NamedClasses {
  /** The names, sorted. */
  readonly names: readonly string[];
  /** The number of the class of each label, as the source writes it. */
  readonly numberOf: ReadonlyMap<string, number>;
  /** What a reader of the data set should know: spellings that were joined, and names that are easily confused. */
  readonly notes: readonly string[];
}

/** The one spelling of a class name: Unicode's composed form (NFC), without blanks around it unless it has nothing else. */
export function classNameOf(label: string): string {
  const composed = label.normalize("NFC");
  return composed.trim() || composed;
}

/**
 * The classes of labels that are text. Labels that differ only in blanks around them or in their Unicode form, such as the
 * "é" of macOS in two code points, are one class; those that differ in case are two, and are noted.
 */
export function classesOf(labels: Iterable<string>): NamedClasses {
  const spellings = new Set(labels);
  const nameOf = new Map(Array.from(spellings, (label) => [label, classNameOf(label)]));
  const names = [...new Set(nameOf.values())].sort();
  const numbers = new Map(names.map((name, number) => [name, number]));
  const numberOf = new Map(Array.from(nameOf, ([label, name]) => [label, numbers.get(name)!]));
  return { names, numberOf, notes: [...joined(nameOf, names), ...confusable(names)] };
}

/** How many names are listed as examples. */
const EXAMPLES = 3;

function joined(nameOf: ReadonlyMap<string, string>, names: readonly string[]): string[] {
  if (nameOf.size === names.length) return [];
  const counts = new Map<string, number>();
  for (const name of nameOf.values()) counts.set(name, (counts.get(name) ?? 0) + 1);
  const several = names.filter((name) => counts.get(name)! > 1);
  const what = several.length === 1 ? "a class" : `${several.length} classes`;
  return [`${what} in several spellings (blanks or Unicode forms) read as one: ${someOf(several)}`];
}

function confusable(names: readonly string[]): string[] {
  const byFold = new Map<string, string[]>();
  for (const name of names) {
    const fold = name.toLowerCase();
    byFold.set(fold, [...(byFold.get(fold) ?? []), name]);
  }
  const alike = [...byFold.values()].filter((some) => some.length > 1);
  return alike.length === 0
    ? []
    : [`classes that differ only in case: ${alike.slice(0, EXAMPLES).map(someOf).join("; ")}`];
}

const someOf = (names: readonly string[]): string =>
  `${names.slice(0, EXAMPLES).map(quoted).join(", ")}${names.length <= EXAMPLES ? "" : ", …"}`;
