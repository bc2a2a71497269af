import { InklingError } from "../base/error.ts";
import { parseJsonText } from "../base/json.ts";

/*
 * Values on their way between a page and a server: JSON, in which an object { "$": […] } stands for what JSON has no word
 * for, and the bytes of arrays and files apart from it.
 */

/** A value that is sent: JSON, and the bytes that it refers to. */
interface Packed {
  readonly json: string;
  readonly parts: readonly (Uint8Array<ArrayBuffer> | Blob)[];
}

const arrays = {
  Uint8Array,
  Uint8ClampedArray,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
} as const;
type ArrayName = keyof typeof arrays;
const isArrayName = (name: unknown): name is ArrayName => typeof name === "string" && Object.hasOwn(arrays, name);

/** A number that JSON would turn into null. */
const outside = ["NaN", "Infinity", "-Infinity"];

function pack(value: unknown): Packed {
  const parts: (Uint8Array<ArrayBuffer> | Blob)[] = [];
  const refer = (name: string, part: Uint8Array<ArrayBuffer> | Blob) => ({ $: [name, parts.push(part) - 1] });
  const plain = (given: unknown): unknown => {
    if (given === undefined) return { $: ["undefined"] };
    if (typeof given === "number" && !Number.isFinite(given)) return { $: ["number", String(given)] };
    if (typeof given !== "object" || given === null) return given;
    if (Array.isArray(given)) return given.map(plain);
    if (given instanceof Blob) return refer("Blob", given);
    if (given instanceof Map) return { $: ["Map", Array.from(given, (entry) => entry.map(plain))] };
    if (ArrayBuffer.isView(given)) {
      const { buffer, byteOffset, byteLength } = given as Uint8Array;
      return refer(
        (given as Uint8Array)[Symbol.toStringTag],
        new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength),
      );
    }
    // The properties of an ImageData are not its own.
    if (typeof ImageData !== "undefined" && given instanceof ImageData)
      return plain({ width: given.width, height: given.height, data: given.data });
    const entries = Object.entries(given).filter(([, value]) => value !== undefined);
    const object = Object.fromEntries(entries.map(([key, value]) => [key, plain(value)]));
    return "$" in object ? { $: ["object", Object.entries(object)] } : object;
  };
  const json = JSON.stringify(plain(value));
  return { json, parts };
}

function unpack(json: unknown, parts: readonly Uint8Array<ArrayBuffer>[]): unknown {
  const left = new Map(parts.entries());
  // Each once, or else a short text could ask for many copies of long bytes.
  const part = (k: unknown): Uint8Array<ArrayBuffer> => {
    const found = left.get(k as number);
    if (!found) throw invalid("it refers to bytes that it does not have, or twice to the same");
    left.delete(k as number);
    return found;
  };
  const special = ([name, given]: readonly unknown[]): unknown => {
    if (name === "undefined") return undefined;
    if (name === "number" && outside.includes(given as string)) return Number(given);
    if (name === "Blob") return new Blob([part(given)]);
    if (name === "Map" && isEntries(given)) return new Map(given.map(([key, value]) => [whole(key), whole(value)]));
    if (name === "object" && isEntries(given))
      return Object.fromEntries(given.map(([key, value]) => [String(key), whole(value)]));
    if (!isArrayName(name)) throw invalid("it has a value of an unknown kind");
    const bytes = part(given);
    const kind = arrays[name];
    if (bytes.length % kind.BYTES_PER_ELEMENT !== 0) throw invalid(`it has ${bytes.length} bytes for a ${name}`);
    return new kind(bytes.slice().buffer);
  };
  const whole = (value: unknown): unknown => {
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return value.map(whole);
    if ("$" in value && Array.isArray(value.$)) return special(value.$);
    return Object.fromEntries(Object.entries(value).map(([key, own]) => [key, whole(own)]));
  };
  return whole(json);
}

const isEntries = (given: unknown): given is readonly (readonly [unknown, unknown])[] =>
  Array.isArray(given) && given.every((entry) => Array.isArray(entry) && entry.length === 2);

const invalid = (reason: string) => new InklingError("INVALID_ARGUMENT", `the message is not valid: ${reason}`);

/** Bytes of the lengths before JSON and parts: of a list of lengths, then one for each. */
const LENGTH = 4;
/** The most parts: the files of a large folder. */
const MOST_PARTS = 2 ** 21;

/**
 * A value as a body: the number of pieces, the length of each as 32 bits, little-endian, then the pieces, the first of which
 * is the JSON. Files are not read for it.
 */
export function encodeBody(value: unknown): Blob {
  const { json, parts } = pack(value);
  const pieces = [new Blob([json]), ...parts];
  const head = new DataView(new ArrayBuffer(LENGTH * (pieces.length + 1)));
  head.setUint32(0, pieces.length, true);
  for (const [k, piece] of pieces.entries())
    head.setUint32(LENGTH * (k + 1), piece instanceof Blob ? piece.size : piece.length, true);
  return new Blob([head.buffer, ...pieces]);
}

/** The value of a body. Throws `INVALID_ARGUMENT` for one that {@link encodeBody} has not made. */
export function decodeBody(bytes: Uint8Array<ArrayBuffer>): unknown {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = bytes.length >= LENGTH ? view.getUint32(0, true) : 0;
  let at = LENGTH * (count + 1);
  if (count === 0 || count > MOST_PARTS || at > bytes.length) throw invalid("its lengths are damaged");
  const pieces = Array.from({ length: count }, (_, k) => {
    const length = view.getUint32(LENGTH * (k + 1), true);
    const piece = bytes.subarray(at, at + length);
    at += length;
    if (at > bytes.length) throw invalid("it is shorter than it says");
    return piece;
  });
  if (at < bytes.length) throw invalid("it is longer than it says");
  const [json, ...parts] = pieces as [Uint8Array<ArrayBuffer>, ...Uint8Array<ArrayBuffer>[]];
  return unpack(parseText(new TextDecoder().decode(json)), parts);
}

function parseText(text: string): unknown {
  try {
    return parseJsonText(text);
  } catch (cause) {
    throw invalid((cause as Error).message);
  }
}

/** A value as text of one line, with its bytes in base64, for a stream of events. It must not hold files. */
export function encodeLine(value: unknown): string {
  const { json, parts } = pack(value);
  return `[${json},${JSON.stringify(parts.map((part) => toBase64(part as Uint8Array<ArrayBuffer>)))}]`;
}

/** The value of a line. */
export function decodeLine(line: string): unknown {
  const [json, parts] = JSON.parse(line) as [unknown, readonly string[]];
  return unpack(json, parts.map(fromBase64));
}

/** Characters that are made at once: more arguments could overflow the stack. */
const AT_ONCE = 2 ** 14;

function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += AT_ONCE) text += String.fromCharCode(...bytes.subarray(at, at + AT_ONCE));
  return btoa(text);
}

const fromBase64 = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
