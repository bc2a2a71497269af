import { listed } from "../base/listed.ts";
import type { Dataset } from "../datasets/dataset.ts";
import { partNamed } from "../datasets/parts.ts";
import { type SplitName, splitNames } from "../datasets/splitSizes.ts";
import { type ArrayOptions, datasetOfArrays } from "./arrays.ts";
import { invalid } from "./format.ts";
import { countOf, type NdArray, numbers, texts } from "./ndarray.ts";

/** What arrays of images and of labels are called, without the part of the data set; of several, the first is taken. */
const names = {
  images: ["images", "image", "dataset", "x", "data", "imgs"],
  labels: ["labels", "label", "y", "targets", "target"],
} as const;
/** Names of the arrays of numpy.savez(file, images, labels), which gives them numbers. */
const unnamed = { arr_0: "images", arr_1: "labels" } as const;

interface Role {
  readonly kind: keyof typeof names;
  readonly part: SplitName;
  /** The one with the lowest rank is taken: one that names its part, then by the order of `names`. */
  readonly rank: number;
}

/**
 * What the name of an array says, in any case: `images`, `X_train`, `trainX`, `test_labels`, `y-val`, `target`. Without a
 * part it is the training part. Undefined for one that is neither images nor labels.
 */
function roleOf(name: string): Role | undefined {
  const words = name
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "");
  if (Object.hasOwn(unnamed, name))
    return { kind: unnamed[name as keyof typeof unnamed], part: "training", rank: 2 * RANKS };
  const part = words.length === 2 ? (partNamed(words[0]!) ?? partNamed(words[1]!)) : undefined;
  const word = part === undefined ? words.join("_") : words.find((own) => partNamed(own) === undefined);
  for (const kind of ["images", "labels"] as const) {
    const at = (names[kind] as readonly string[]).indexOf(word ?? "");
    if (at >= 0) return { kind, part: part ?? "training", rank: at + (part ? 0 : RANKS) };
  }
  return undefined;
}

const RANKS = 100;

/** The value of the first of these names, in any case. */
const find = <T>(arrays: ReadonlyMap<string, T>, wanted: readonly string[]): T | undefined =>
  Array.from(arrays).find(([name]) => wanted.includes(name.toLowerCase()))?.[1];

/** What is called as the names of the classes are. */
export const findClassNames = <T>(arrays: ReadonlyMap<string, T>): T | undefined =>
  find(arrays, ["class_names", "target_names"]);

/** The names, among those given, of the arrays that {@link datasetOfNamedArrays} reads; none without images and labels. */
export function wantedArrays(names: readonly string[]): ReadonlySet<string> {
  const pairs = pairsIn(names);
  if (pairs.length === 0) return new Set();
  const own = new Map(names.map((name) => [name, name]));
  const others = [findClassNames(own), find(own, ["groups"])].filter((name) => name !== undefined);
  return new Set([...pairs.flatMap(([, images, labels]) => [images, labels]), ...others]);
}

/** The names of the images and labels of each part that has both. */
function pairsIn(arrays: readonly string[]): (readonly [part: SplitName, images: string, labels: string])[] {
  const roles = arrays.flatMap((name) => {
    const role = roleOf(name);
    return role ? [{ name, ...role }] : [];
  });
  const best = (part: SplitName, kind: Role["kind"]) =>
    roles.filter((role) => role.part === part && role.kind === kind).sort((a, b) => a.rank - b.rank)[0]?.name;
  return splitNames.flatMap((part) => {
    const [images, labels] = [best(part, "images"), best(part, "labels")];
    return images === undefined || labels === undefined ? [] : [[part, images, labels] as const];
  });
}

/** How many arrays a message lists. */
const SHOWN = 12;

/** The error for arrays without images and labels; it lists all of them with their shapes, where these are known. */
export function withoutPair(arrays: ReadonlyMap<string, readonly number[] | undefined>, what: string): Error {
  const all = Array.from(arrays, ([name, shape]) => (shape ? `${name} (${shapeText(shape)})` : name));
  return invalid(
    what,
    `${all.length === 0 ? "it has no arrays" : `its arrays are ${listed(all, SHOWN)}`}; expected images and labels, X and y, data and target, or X_train, y_train, X_test and y_test, in any case: save them under such names`,
  );
}

const shapeText = (shape: readonly number[]): string => (shape.length === 1 ? `${shape[0]},` : shape.join(", "));

/**
 * Makes a data set from named arrays, as they are called by Inkling, the course, Keras, scikit-learn and KMNIST, in any
 * case: all parts, concatenated. Throws `INVALID_DATA`.
 */
export function datasetOfNamedArrays(arrays: ReadonlyMap<string, NdArray>, options: ArrayOptions): Dataset {
  const { what } = options;
  const pairs = pairsIn([...arrays.keys()]);
  if (pairs.length === 0) throw withoutPair(new Map(Array.from(arrays, ([name, { shape }]) => [name, shape])), what);
  const classNames = findClassNames(arrays);
  const groups = find(arrays, ["groups"]);
  return datasetOfArrays(
    pairs.map(([, images, labels]) => ({ images: arrays.get(images)!, labels: arrays.get(labels)! })),
    {
      ...options,
      classNames: options.classNames ?? (classNames && texts(classNames, what)),
      ...(groups && { groups: groupsOf(groups, what) }),
      parts: pairs.map(([part]) => part),
    },
  );
}

function groupsOf(array: NdArray, what: string): Uint32Array {
  const groups = numbers(array, 0, countOf(array.shape), what);
  const wrong = groups.findIndex((group) => !(Number.isInteger(group) && group >= 0 && group < 2 ** 32));
  if (wrong >= 0)
    throw invalid(what, `group ${wrong} is ${groups[wrong]}, expected a whole number from 0 to ${2 ** 32 - 1}`);
  return Uint32Array.from(groups);
}
