import { concatBytes } from "../../base/bytes.ts";
import { InklingError } from "../../base/error.ts";
import { utf8Length, utf8Of } from "./latin1.ts";

/** An array that is written in pieces. */
export interface PickledArray {
  /** The numpy dtype without its byte order, which is little-endian: f4, i4. */
  readonly descr: string;
  readonly shape: readonly number[];
  readonly byteLength: number;
  /** Its bytes, row-major. Called twice for protocol 2. */
  readonly pieces: () => Iterable<Uint8Array>;
}

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);
const uint32 = (value: number): Uint8Array => Uint8Array.of(value, value >>> 8, value >>> 16, value >>> 24);

function text(value: string): Uint8Array {
  const utf8 = ascii(value);
  return concatBytes([ascii("X"), uint32(utf8.length), utf8]);
}

const int = (value: number): Uint8Array => concatBytes([ascii("J"), uint32(value)]);
const tuple = (...items: readonly Uint8Array[]): Uint8Array => concatBytes([ascii("("), ...items, ascii("t")]);
const global = (module: string, name: string): Uint8Array => ascii(`c${module}\n${name}\n`);
const [REDUCE, BUILD, NONE] = [ascii("R"), ascii("b"), ascii("N")];
const FALSE = Uint8Array.of(0x89);
const TRUE = Uint8Array.of(0x88);

/**
 * Writes a dict of arrays and lists of strings, readable by Python with numpy 1 or 2. `protocol` is 2 to 5. Throws
 * `INVALID_ARGUMENT` for another protocol, and `UNSUPPORTED` for an array of 4 GiB or more.
 */
export function* writePickle(
  dict: Readonly<Record<string, PickledArray | readonly string[]>>,
  protocol = 4,
): Generator<Uint8Array> {
  if (![2, 3, 4, 5].includes(protocol))
    throw new InklingError("INVALID_ARGUMENT", `pickle protocol is ${protocol}, expected 2, 3, 4 or 5`);
  yield Uint8Array.of(0x80, protocol);
  yield ascii("}(");
  for (const [key, value] of Object.entries(dict)) {
    yield text(key);
    if ("descr" in value) yield* array(value, protocol);
    else yield concatBytes([ascii("]("), ...value.map(text), ascii("e")]);
  }
  yield ascii("u.");
}

function* array({ descr, shape, byteLength, pieces }: PickledArray, protocol: number): Generator<Uint8Array> {
  // The name works in numpy 1 and 2.
  yield global("numpy.core.multiarray", "_reconstruct");
  yield tuple(global("numpy", "ndarray"), tuple(int(0)), smallBytes(Uint8Array.of(0x62), protocol));
  yield REDUCE;
  const dtype = concatBytes([global("numpy", "dtype"), tuple(text(descr), FALSE, TRUE), REDUCE]);
  const order = tuple(int(3), text("<"), NONE, NONE, NONE, int(-1), int(-1), int(0));
  yield concatBytes([ascii("("), int(1), tuple(...shape.map(int)), dtype, order, BUILD, FALSE]);
  yield* contents(byteLength, pieces, protocol);
  yield concatBytes([ascii("t"), BUILD]);
}

/** Writes bytes. Protocol 2 has no bytes, so they are written as text that is encoded as Latin-1 when it is read. */
function* contents(byteLength: number, pieces: () => Iterable<Uint8Array>, protocol: number): Generator<Uint8Array> {
  let length = byteLength;
  if (protocol === 2) {
    length = 0;
    for (const piece of pieces()) length += utf8Length(piece);
  }
  if (length >= 2 ** 32)
    throw new InklingError("UNSUPPORTED", `pickle: an array of ${length} bytes is too large; export fewer images`);
  if (protocol === 2) yield global("_codecs", "encode");
  yield ascii(protocol === 2 ? "(X" : "B");
  yield uint32(length);
  for (const piece of pieces()) yield protocol === 2 ? utf8Of(piece) : piece;
  if (protocol === 2) yield concatBytes([text("latin1"), ascii("tR")]);
}

const smallBytes = (bytes: Uint8Array, protocol: number): Uint8Array =>
  concatBytes([...contents(bytes.length, () => [bytes], protocol)]);
