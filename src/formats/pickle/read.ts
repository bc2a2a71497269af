import { listed } from "../../base/listed.ts";
import { damaged, invalid } from "../format.ts";
import type { NdArray } from "../ndarray.ts";
import { PickleMachine } from "./machine.ts";
import { opcodes, refused } from "./opcodes.ts";
import { nameOf, PickleArray, PickleDict, PickleList, type PickleValue } from "./values.ts";

/** Whether bytes are the start of a pickle of protocol 2 to 5. */
export const isPickle = (head: Uint8Array): boolean => head[0] === 0x80 && head[1]! >= 2 && head[1]! <= 5;

const STOP = 0x2e;

/** Reads the value of a pickle. Throws `INVALID_DATA`, naming whatever is not allowed. */
export function readPickle(file: Uint8Array, what = "pickle"): PickleValue {
  if (!isPickle(file)) throw damaged(what, "it does not begin as a pickle of protocol 2 to 5");
  const machine = new PickleMachine(file, what);
  for (;;) {
    const code = machine.uint(1);
    if (code === STOP) return machine.pop();
    const opcode = opcodes[code];
    if (opcode) opcode(machine);
    else if (refused[code]) throw invalid(what, `it uses ${refused[code]}, which is not allowed`);
    else throw damaged(what, `0x${code.toString(16)} is not an opcode`);
  }
}

/** What a pickle holds: arrays by name, and lists of strings as `names`. */
interface Pickled {
  readonly arrays: Map<string, NdArray>;
  readonly names: Map<string, readonly string[]>;
}

/**
 * Reads a pickled dict of arrays and of lists of strings, or a tuple or list of arrays: (X, y), ((X, y), (X, y)) for
 * training and test, or three of these with validation in the middle. Throws `INVALID_DATA`.
 */
export function readPickledArrays(file: Uint8Array, what = "pickle"): Pickled {
  return arraysIn(readPickle(file, what), what);
}

/** {@link readPickledArrays}, of the value that the pickle holds. */
export function arraysIn(root: PickleValue, what: string): Pickled {
  if (!(root instanceof PickleDict)) return { arrays: unnamedArrays(root, what), names: new Map() };
  const arrays = new Map<string, NdArray>();
  const names = new Map<string, readonly string[]>();
  const known = new Map<PickleList, readonly string[]>(); // a pickle may refer to one list any number of times
  for (const [key, value] of root.entries) {
    if (value instanceof PickleArray && value.array) arrays.set(key, value.array);
    if (!(value instanceof PickleList)) continue;
    const texts = known.get(value) ?? namesIn(value);
    known.set(value, texts);
    if (texts.length > 0) names.set(key, texts);
  }
  return { arrays, names };
}

/** The texts of a list; none if it has anything else. */
function namesIn({ items }: PickleList): readonly string[] {
  const texts: string[] = [];
  for (const item of items) {
    const text = nameOf(item);
    if (text === undefined) return [];
    texts.push(text);
  }
  return texts;
}

const itemsOf = (value: PickleValue): readonly PickleValue[] | undefined =>
  value instanceof PickleList ? value.items : Array.isArray(value) ? value : undefined;
const arrayOf = (value: PickleValue): NdArray | undefined => (value instanceof PickleArray ? value.array : undefined);

/** The names of parts, by how many pairs of images and labels there are. */
const pairNames: Readonly<Record<number, readonly string[]>> = {
  1: ["train"],
  2: ["train", "test"],
  3: ["train", "valid", "test"],
};

function unnamedArrays(root: PickleValue, what: string): Map<string, NdArray> {
  const items = itemsOf(root) ?? [];
  // Lengths are checked first: a small pickle may have a long list of one long list.
  const few = items.length <= 3 ? items : [];
  const pairs = few.length === 2 && few.every(arrayOf) ? [few] : few.map((item) => itemsOf(item) ?? []);
  const parts = pairNames[pairs.length];
  const arrays = pairs.map((pair) => (pair.length === 2 ? pair.map(arrayOf) : []));
  if (!parts || !arrays.every(([images, labels]) => images && labels))
    throw invalid(
      what,
      `it holds ${described(root)}, expected a dict with arrays such as X_train, y_train, X_test and y_test, or a tuple (X, y): save it like that`,
    );
  return new Map(
    arrays.flatMap(([images, labels], k): [string, NdArray][] => [
      [`X_${parts[k]}`, images!],
      [`y_${parts[k]}`, labels!],
    ]),
  );
}

/** A value in a message: `a tuple of array (90, 28, 28), array (90)`. */
function described(value: PickleValue, depth = 0): string {
  const array = arrayOf(value);
  if (array) return `array (${array.shape.join(", ")})`;
  const items = itemsOf(value);
  const kind = value instanceof PickleList ? "list" : "tuple";
  if (items && (depth > 1 || items.length === 0)) return `${kind} of ${items.length}`;
  if (items)
    return `${depth === 0 ? "a " : ""}${kind} of ${listed(
      items.slice(0, 100).map((item) => described(item, depth + 1)),
      4,
    )}`;
  return value === null ? "None" : value instanceof PickleDict ? "a dict" : "an object of another kind";
}
