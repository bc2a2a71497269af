import type { NdArray } from "../ndarray.ts";

/** Text as in the file, UTF-8: a whole data set may be written as text, longer than any string. */
export class PickleText {
  readonly utf8: Uint8Array;
  constructor(utf8: Uint8Array) {
    this.utf8 = utf8;
  }
}

/** The name of something in Python. Only those in `globals.ts` can be called; none is ever looked up. */
export class PickleGlobal {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** A numpy type that `BUILD` may still give a byte order. */
export class PickleDType {
  readonly descr: string;
  order = "<";
  constructor(descr: string) {
    this.descr = descr;
  }
}

/** A numpy array, which has no contents until `BUILD`. */
export class PickleArray {
  array: NdArray | undefined;
}

/** A list, to which more may be added. */
export class PickleList {
  readonly items: PickleValue[] = [];
}

export type PickleTuple = readonly PickleValue[];

export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | Uint8Array
  | PickleText
  | PickleGlobal
  | PickleDType
  | PickleArray
  | PickleList
  | PickleTuple
  | PickleDict;

/** A dict. Keys are text, as that of the pickles that are read. */
export class PickleDict {
  readonly entries = new Map<string, PickleValue>();
}

/** Texts longer than this are contents, not names. */
const MAX_NAME = 4096;

/** Short text, or the bytes that Python 2 wrote for it, as a string. */
export function nameOf(value: PickleValue | undefined): string | undefined {
  if (value instanceof PickleText && value.utf8.length <= MAX_NAME) return new TextDecoder().decode(value.utf8);
  if (value instanceof Uint8Array && value.length <= MAX_NAME) return String.fromCharCode(...value);
  return undefined;
}
