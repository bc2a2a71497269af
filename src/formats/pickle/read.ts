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

/** Reads a pickled dict: its arrays, and its lists of strings as `names`. Throws `INVALID_DATA`. */
export function readPickledArrays(
  file: Uint8Array,
  what = "pickle",
): { arrays: Map<string, NdArray>; names: Map<string, readonly string[]> } {
  const root = readPickle(file, what);
  if (!(root instanceof PickleDict))
    throw invalid(what, "it does not hold a dict such as the course's with train_dataset and train_labels");
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
