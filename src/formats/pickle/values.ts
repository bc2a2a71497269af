import type { NdArray } from "../ndarray.ts";

/** UTF-8 text, not decoded: protocol 2 writes whole arrays as text, which may be too long for a string. */
export class PickleText {
  readonly utf8: Uint8Array;
  constructor(utf8: Uint8Array) {
    this.utf8 = utf8;
  }
}

/** The name of a Python object. Only those in `globals.ts` can be called; none is ever imported. */
export class PickleGlobal {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** A numpy dtype, whose byte order `BUILD` may set. */
export class PickleDType {
  readonly descr: string;
  order = "<";
  constructor(descr: string) {
    this.descr = descr;
  }
}

/** A numpy array, which is empty until `BUILD`. */
export class PickleArray {
  array: NdArray | undefined;
}

/** A list. */
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

/** A dict with text keys. */
export class PickleDict {
  readonly entries = new Map<string, PickleValue>();
}

/** The longest name, in bytes; longer text is contents. */
const MAX_NAME = 4096;

/** The names that were read: a pickle may refer to one text any number of times. */
const names = new WeakMap<object, string>();

/** A short text, or a Python 2 byte string, as a string; otherwise undefined. */
export function nameOf(value: PickleValue | undefined): string | undefined {
  const bytes = value instanceof PickleText ? value.utf8 : value;
  if (!(bytes instanceof Uint8Array) || bytes.length > MAX_NAME) return undefined;
  const known = names.get(bytes);
  if (known !== undefined) return known;
  const name = value instanceof PickleText ? new TextDecoder().decode(bytes) : String.fromCharCode(...bytes);
  names.set(bytes, name);
  return name;
}
