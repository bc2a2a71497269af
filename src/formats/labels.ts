import { quoted } from "../base/printable.ts";
import { classesOf, classNameOf } from "../datasets/classNames.ts";
import { isNumber } from "./columns.ts";
import { invalid } from "./format.ts";

/** Labels as class indices. */
export interface ClassLabels {
  readonly labels: Uint16Array;
  readonly classNames: readonly string[];
  /** What a reader of the data set should know, as clauses of its reading. */
  readonly notes: readonly string[];
}

/** How labels are read. */
export interface LabelOptions {
  /** The file, for messages. */
  readonly what: string;
  /** Names of numbered classes. Default: given by `nameClass`. */
  readonly classNames?: readonly string[] | undefined;
  /** The name of class k, if there are no `classNames`. Default: its number. */
  readonly nameClass?: ((k: number) => string) | undefined;
  /** Where label i is, for messages. Default: `label i`. */
  readonly place?: (i: number) => string;
}

const MAX_CLASSES = 65536;
/** A whole number, as Python writes it in text, also as a float. */
const WHOLE = /^-?(0|[1-9]\d{0,14})([.,]0*)?$/;
/** Whether a label is a number that is not whole, with a point or a comma. */
export const isFraction = (label: string): boolean =>
  isNumber(label) && !Number.isInteger(Number(label.replace(",", ".")));
/** What is expected of labels that are numbers, for messages. */
export const NOT_WHOLE = "expected a whole number: the labels must be classes, not measurements";

/** What only programs write, where a value is missing. */
const NO_VALUE = /^(nan|<na>|null)?$/i;
/** What also people write there. It may be the name of a class, unless the others are numbers. */
const MISSING = /^(nan|<na>|null|na|n\/a|none|\?|-)?$/i;

/**
 * Whether the label of a list of files, which is read before the others are known, marks a missing value. Programs write
 * nan, NaN or NAN; "Nan" is a name.
 */
export const isNoValue = (label: string): boolean => NO_VALUE.test(label) && label !== "Nan";

/**
 * Labels that are numbers. The classes are the numbers that occur, in order, whatever the gaps between them; their names
 * are the numbers themselves. With `classNames`, label k is the class of index k or, if the labels are 1 to K for K names,
 * k − 1. Throws `INVALID_DATA`, naming the label, for one that is missing, not a whole number, or below 0 (except −1 for
 * the other of two classes).
 */
export function numberedClasses(all: Float64Array, options: LabelOptions): ClassLabels {
  const { what, classNames, nameClass = String } = options;
  const counts = countValues(all);
  const values = [...counts.keys()].sort((a, b) => a - b);
  checkValues(all, counts, values, options);
  if (classNames) return namedByIndex(all, values, classNames, options);
  if (values.length > MAX_CLASSES)
    throw invalid(what, `it has ${values.length} different labels, and at most ${MAX_CLASSES} classes are supported`);
  const numberOf = new Map(values.map((value, number) => [value, number]));
  return {
    labels: Uint16Array.from(all, (value) => numberOf.get(value)!),
    classNames: values.map((value) => (value < 0 ? String(value) : nameClass(value))),
    notes: values.every((value, k) => value === k) ? [] : [`the classes are the labels that occur: ${listed(values)}`],
  };
}

function countValues(all: Float64Array): Map<number, number> {
  const counts = new Map<number, number>();
  for (const value of all) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

function checkValues(
  all: Float64Array,
  counts: ReadonlyMap<number, number>,
  values: readonly number[],
  { what, place = (i) => `label ${i}` }: LabelOptions,
): void {
  const wrong = (isWrong: (value: number) => boolean, expected: string) => {
    const at = all.findIndex(isWrong);
    if (at < 0) return;
    const more = values.reduce((sum, value) => sum + (isWrong(value) ? counts.get(value)! : 0), 0);
    const many = more > 1 ? ` (and ${more - 1} more such labels)` : "";
    throw invalid(what, `${place(at)} is ${all[at]}${many}, ${expected}`);
  };
  wrong(Number.isNaN, "expected a class: leave out images without a label");
  wrong((value) => !Number.isSafeInteger(value), NOT_WHOLE);
  const isSigned = values.length === 2 && values[0] === -1 && values[1] === 1;
  if (!isSigned)
    wrong(
      (value) => value < 0,
      "expected a class from 0 on: leave out images without a label, which such a number usually marks, or number the classes from 0",
    );
}

function namedByIndex(
  all: Float64Array,
  values: readonly number[],
  classNames: readonly string[],
  { what, place = (i) => `label ${i}` }: LabelOptions,
): ClassLabels {
  const count = classNames.length;
  const names = givenNames(classNames, what);
  const [low, high] = [values[0] ?? 0, values.at(-1) ?? 0];
  const fromOne = low === 1 && high === count;
  if (!fromOne && (low < 0 || high >= count)) {
    const at = all.findIndex((value) => value < 0 || value >= count);
    const expected = `0 to ${count - 1} (or 1 to ${count}) for the ${count} class names that are given`;
    throw invalid(what, `${place(at)} is ${all[at]}, expected ${expected}`);
  }
  return {
    labels: Uint16Array.from(all, (value) => value - (fromOne ? 1 : 0)),
    classNames: names,
    notes: fromOne ? [`labels 1 to ${count} are the ${count} class names in order`] : [],
  };
}

/** The class names that a source or a user gives. Throws if one of them is there twice. */
function givenNames(classNames: readonly string[], what: string): readonly string[] {
  const names = classNames.map(classNameOf);
  const again = names.findIndex((name, k) => names.indexOf(name) < k);
  if (again < 0) return names;
  throw invalid(
    what,
    `class names ${names.indexOf(names[again]!)} and ${again} are both ${quoted(names[again])}; give each class a name of its own`,
  );
}

/** A few values, ranges shortened: `1 to 26`, or `0, 2, 7`. */
function listed(values: readonly number[]): string {
  const [low, high] = [values[0]!, values.at(-1)!];
  if (values.length > 2 && high - low === values.length - 1) return `${low} to ${high}`;
  return values.length <= 8 ? values.join(", ") : `${values.slice(0, 6).join(", ")}, …, ${high}`;
}

/**
 * Labels that are text. If they are all whole numbers, they are read as such (see {@link numberedClasses}), unless
 * `classNames` has all of them; otherwise the classes are the different texts. Throws `INVALID_DATA` for a label that
 * is missing.
 */
export function textClasses(all: readonly string[], options: LabelOptions): ClassLabels {
  const { what, place = (i) => `label ${i}` } = options;
  const classes = classesOf(all);
  const given = options.classNames && givenNames(options.classNames, what);
  if (given && classes.names.every((name) => given.includes(name))) {
    const indexOf = classes.names.map((name) => given.indexOf(name));
    return {
      labels: numbered(all, (label) => indexOf[classes.numberOf.get(label)!]!),
      classNames: given,
      notes: classes.notes,
    };
  }
  const numbers = classes.names.filter((name) => WHOLE.test(name));
  const missing = all.findIndex((label) => isMissing(label, numbers.length > 0));
  if (missing >= 0)
    throw invalid(what, `${place(missing)} is ${quoted(all[missing])}, expected a class: leave out images without one`);
  if (numbers.length === classes.names.length)
    return numberedClasses(
      Float64Array.from(all, (label) => Number(classNameOf(label).replace(",", "."))),
      options,
    );
  const fraction = classes.names.every(isNumber) ? all.findIndex(isFraction) : -1;
  if (fraction >= 0) throw invalid(what, `${place(fraction)} is ${all[fraction]}, ${NOT_WHOLE}`);
  if (classes.names.length > MAX_CLASSES)
    throw invalid(
      what,
      `it has ${classes.names.length} different labels, and at most ${MAX_CLASSES} classes are supported`,
    );
  return {
    labels: numbered(all, (label) => classes.numberOf.get(label)!),
    classNames: classes.names,
    notes: classes.notes,
  };
}

const numbered = (all: readonly string[], numberOf: (label: string) => number): Uint16Array =>
  Uint16Array.from(all, numberOf);

/** Among numbers, a word such as NaN marks a missing label; otherwise it may be the name of a class. */
function isMissing(label: string, amongNumbers: boolean): boolean {
  const text = label.trim();
  return text === "" || (amongNumbers && MISSING.test(text));
}
