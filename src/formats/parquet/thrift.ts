import { VarintReader } from "./varint.ts";

/** A value of Thrift's compact protocol, in which Parquet's metadata are written. */
export type ThriftValue = boolean | number | Uint8Array | readonly ThriftValue[] | ThriftStruct;

/** Fields by their number. */
export type ThriftStruct = ReadonlyMap<number, ThriftValue>;

/** The deepest nesting of structures and lists; Parquet's metadata are nested far less. */
const MAX_DEPTH = 16;

/**
 * Reads structures of Thrift's compact protocol. Every value takes at least one byte, so time and memory are bounded by the
 * bytes. `broken` makes the error for bytes that violate the protocol.
 */
export class ThriftReader extends VarintReader {
  constructor(bytes: Uint8Array, at: number, broken: (problem: string) => Error) {
    super(bytes, at, "its metadata", broken);
  }

  struct(depth = 0): ThriftStruct {
    if (depth > MAX_DEPTH) throw this.broken("its metadata are nested too deeply");
    const fields = new Map<number, ThriftValue>();
    for (let id = 0; ; ) {
      const head = this.byte();
      if (head === 0) return fields;
      const step = head >> 4;
      id = step === 0 ? this.zigzag() : id + step;
      fields.set(id, this.#value(head & 15, depth));
    }
  }

  #value(type: number, depth: number): ThriftValue {
    switch (type) {
      case 1:
        return true;
      case 2:
        return false;
      case 3:
        return this.byte();
      case 4:
      case 5:
      case 6:
        return this.zigzag();
      case 7:
        this.take(8); // a double, of which none is needed
        return 0;
      case 8:
        return this.take(this.varint());
      case 9:
      case 10:
        return this.#list(depth + 1);
      case 12:
        return this.struct(depth + 1);
      default:
        throw this.broken(`its metadata have a value of type ${type}`);
    }
  }

  #list(depth: number): readonly ThriftValue[] {
    if (depth > MAX_DEPTH) throw this.broken("its metadata are nested too deeply");
    const head = this.byte();
    const size = head >> 4 === 15 ? this.varint() : head >> 4;
    if (size > this.left) throw this.broken("a list of its metadata is cut off");
    const type = head & 15;
    // In a list, a truth value is a byte.
    return Array.from({ length: size }, () => (type < 3 ? this.byte() === 1 : this.#value(type, depth)));
  }
}

/** A field that is a number; `otherwise` if it is absent or something else. */
export const numberIn = (struct: ThriftStruct | undefined, id: number, otherwise = 0): number => {
  const value = struct?.get(id);
  return typeof value === "number" ? value : otherwise;
};

/** A field that is text. */
export const textIn = (struct: ThriftStruct | undefined, id: number): string => textOf(struct?.get(id));

/** A value that is text; otherwise "". */
export const textOf = (value: ThriftValue | undefined): string =>
  value instanceof Uint8Array ? new TextDecoder().decode(value) : "";

/** A field that is a structure. */
export const structIn = (struct: ThriftStruct | undefined, id: number): ThriftStruct | undefined => {
  const value = struct?.get(id);
  return value instanceof Map ? value : undefined;
};

/** A field that is a list; empty if it is absent. */
export const listIn = (struct: ThriftStruct | undefined, id: number): readonly ThriftValue[] => {
  const value = struct?.get(id);
  return Array.isArray(value) ? value : [];
};
