import { concatBytes } from "../../base/bytes.ts";
import { InklingError } from "../../base/error.ts";

/**
 * The part of Protocol Buffers that ONNX needs: messages as tables of fields, by which they are written and read.
 * Source: https://protobuf.dev/programming-guides/encoding/
 */

const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;
const FIXED32 = 5;

/** How values of one type are encoded, without the field's tag. */
export interface Codec<T> {
  readonly wire: typeof VARINT | typeof LENGTH | typeof FIXED32;
  encode(value: T): Uint8Array;
  decode(input: Input): T;
}

/** A field of a message: its number, how its value is written, and how it follows from all that a file has for it. */
export interface Field<T> {
  readonly number: number;
  write(value: T): readonly Uint8Array[];
  read(occurrences: readonly Occurrence[]): T;
}

/** A field as found: its wire type and the bytes of its value. */
interface Occurrence {
  readonly wire: number;
  readonly bytes: Uint8Array;
}

/** An error of a file that cannot be used. */
export const damaged = (what: string): InklingError =>
  new InklingError("INVALID_DATA", `ONNX file: ${what}; it is damaged or not an ONNX file`);

/** Reads a piece of a file from its start; every read is checked against its end. */
class Input {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  take(count: number): Uint8Array {
    if (count > this.#bytes.length - this.#at) throw damaged("a field extends beyond the end of its message");
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  /** The bytes of a variable-length integer. */
  takeVarint(): Uint8Array {
    const start = this.#at;
    for (let length = 1; length <= 10; length++)
      if (this.take(1)[0]! < 0x80) return this.#bytes.subarray(start, this.#at);
    throw damaged("an integer has more than 10 bytes");
  }

  rest(): Uint8Array {
    return this.take(this.#bytes.length - this.#at);
  }
}

function encodeInteger(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return Uint8Array.from([...bytes, Number(rest)]);
}

function decodeInteger(bytes: Uint8Array): number {
  const bits = bytes.reduceRight((high, byte) => (high << 7n) | BigInt(byte & 0x7f), 0n);
  const value = Number(BigInt.asIntN(64, bits));
  if (!Number.isSafeInteger(value)) throw damaged(`an integer is ${value}`);
  return value;
}

/** A signed integer of 64 bits, of those that a number holds exactly. */
export const integer: Codec<number> = {
  wire: VARINT,
  encode: encodeInteger,
  decode: (input) => decodeInteger(input.takeVarint()),
};

/** A float of 32 bits. */
export const float: Codec<number> = {
  wire: FIXED32,
  encode: (value) => new Uint8Array(Float32Array.of(value).buffer),
  decode(input) {
    const bytes = input.take(4);
    return new DataView(bytes.buffer, bytes.byteOffset).getFloat32(0, true);
  },
};

/** Bytes; those that are read are a view of the file. */
export const bytes: Codec<Uint8Array> = { wire: LENGTH, encode: (value) => value, decode: (input) => input.rest() };

/** Text in UTF-8. */
export const text: Codec<string> = {
  wire: LENGTH,
  encode: (value) => new TextEncoder().encode(value),
  decode(input) {
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(input.rest());
    } catch {
      throw damaged("a text is not valid UTF-8");
    }
  },
};

const tagged = <T>(number: number, { wire, encode }: Codec<T>, value: T): Uint8Array => {
  const [tag, content] = [encodeInteger(number * 8 + wire), encode(value)];
  return concatBytes(wire === LENGTH ? [tag, encodeInteger(content.length), content] : [tag, content]);
};

function decodeOne<T>({ wire, decode }: Codec<T>, found: Occurrence): T {
  if (found.wire !== wire) throw damaged(`a field has wire type ${found.wire}, expected ${wire}`);
  return decode(new Input(found.bytes));
}

/** A field that is there once or not at all; of several, the last counts. */
export const optional = <T>(number: number, codec: Codec<T>): Field<T | undefined> => ({
  number,
  write: (value) => (value === undefined ? [] : [tagged(number, codec, value)]),
  read(occurrences) {
    const last = occurrences.at(-1);
    return last && decodeOne(codec, last);
  },
});

/** A field that is there any number of times; numbers may be packed, all in one. */
export const repeated = <T>(number: number, codec: Codec<T>): Field<readonly T[]> => ({
  number,
  write: (values) => values.map((value) => tagged(number, codec, value)),
  read: (occurrences) =>
    occurrences.flatMap((found) => {
      if (codec.wire === LENGTH || found.wire !== LENGTH) return [decodeOne(codec, found)];
      const packed = new Input(found.bytes);
      const values: T[] = [];
      while (!packed.isAtEnd) values.push(codec.decode(packed));
      return values;
    }),
});

/** A field for each property of a message. */
export type Fields<M> = { readonly [K in keyof M]: Field<M[K]> };

/** Messages of such fields, written in the order of the table; others that a file has are ignored. */
export function message<M>(fields: Fields<M>): Codec<M> {
  const entries = Object.entries(fields) as [keyof M, Field<M[keyof M]>][];
  return {
    wire: LENGTH,
    encode: (value) => concatBytes(entries.flatMap(([name, field]) => field.write(value[name]))),
    decode(input) {
      const found = new Map<number, Occurrence[]>(entries.map(([, { number }]) => [number, []]));
      while (!input.isAtEnd) {
        const tag = decodeInteger(input.takeVarint());
        const [number, wire] = [Math.floor(tag / 8), tag % 8];
        if (number < 1) throw damaged(`a field has number ${number}`);
        const value = { wire, bytes: takeValue(input, wire) };
        found.get(number)?.push(value);
      }
      return Object.fromEntries(entries.map(([name, field]) => [name, field.read(found.get(field.number)!)])) as M;
    },
  };
}

function takeValue(input: Input, wire: number): Uint8Array {
  if (wire === VARINT) return input.takeVarint();
  if (wire === FIXED64) return input.take(8);
  if (wire === FIXED32) return input.take(4);
  if (wire !== LENGTH) throw damaged(`a field has wire type ${wire}`);
  const length = decodeInteger(input.takeVarint());
  if (length < 0) throw damaged(`a field has ${length} bytes`);
  return input.take(length);
}

/** A message from its bytes. Throws `INVALID_DATA` where they are none. */
export const decodeMessage = <M>(codec: Codec<M>, bytes: Uint8Array): M =>
  // A plain Uint8Array, since the slices of Node's Buffer are not copies.
  codec.decode(new Input(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)));
