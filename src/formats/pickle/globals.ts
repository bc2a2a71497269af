import { checkedArray, parseDType } from "../ndarray.ts";
import { latin1Of } from "./latin1.ts";
import {
  nameOf,
  PickleArray,
  PickleDType,
  PickleGlobal,
  PickleText,
  type PickleTuple,
  type PickleValue,
} from "./values.ts";

/** What calls in a pickle may use. */
export interface PickleContext {
  /** Makes the error for contents that violate the format. */
  readonly broken: (problem: string) => Error;
  /** The file, for messages. */
  readonly what: string;
  /** Accounts for bytes that a call allocates; throws if all calls together allocate more bytes than the file has. */
  readonly claim: (bytes: number) => void;
}

type Call = (args: PickleTuple, context: PickleContext) => PickleValue;

const reconstruct: Call = ([type], { broken }) => {
  if (!(type instanceof PickleGlobal && type.name === "numpy.ndarray"))
    throw broken("_reconstruct does not make an ndarray");
  return new PickleArray();
};

const frombuffer: Call = ([bytes, dtype, shape, order], context) => {
  const result = new PickleArray();
  const fortran = nameOf(order) === "F";
  result.array = arrayOf(bytes, dtype, shape, fortran, context);
  return result;
};

const encode: Call = ([text, encoding], context) => {
  const name = nameOf(encoding)?.toLowerCase();
  if (!(text instanceof PickleText) || !(name === "latin1" || name === "latin-1"))
    throw context.broken("_codecs.encode of something that is not text, or not to latin1");
  context.claim(text.utf8.length);
  return latin1Of(text.utf8, context.broken);
};

const bytesOf: Call = (args, context) => {
  const [contents] = args;
  if (args.length === 0) return new Uint8Array();
  if (contents instanceof Uint8Array) return contents;
  return encode(args, context);
};

/** All supported callables, by the names that Python 2 and 3 and numpy 1 and 2 write. Anything else is rejected by name. */
export const calls: Readonly<Record<string, Call>> = {
  "numpy.core.multiarray._reconstruct": reconstruct,
  "numpy._core.multiarray._reconstruct": reconstruct,
  "numpy.core.numeric._frombuffer": frombuffer,
  "numpy._core.numeric._frombuffer": frombuffer,
  "numpy.dtype": ([descr], { broken }) => {
    const name = nameOf(descr);
    if (name === undefined) throw broken("a dtype has no name");
    return new PickleDType(name);
  },
  "_codecs.encode": encode,
  "builtins.bytes": bytesOf,
  "__builtin__.bytes": bytesOf,
  "builtins.bytearray": bytesOf,
  "__builtin__.bytearray": bytesOf,
};

/** Names that stand for a type and are not called. */
export const types: ReadonlySet<string> = new Set(["numpy.ndarray"]);

/** The effect of `BUILD`: sets the contents of an array, or the byte order of a dtype. */
export function build(object: PickleValue | undefined, state: PickleValue | undefined, context: PickleContext): void {
  if (!Array.isArray(state)) throw context.broken("BUILD without a tuple");
  if (object instanceof PickleDType) {
    object.order = nameOf(state[1]) ?? "";
    if (state[3] !== null || state[4] !== null || !"<>|=".includes(object.order))
      throw context.broken("arrays of records are not supported");
  } else if (object instanceof PickleArray && !object.array) {
    const [, shape, dtype, fortran, bytes] = state;
    object.array = arrayOf(bytes, dtype, shape, fortran === true, context);
  } else throw context.broken("BUILD of something that is not an array");
}

function arrayOf(
  bytes: PickleValue | undefined,
  dtype: PickleValue | undefined,
  shape: PickleValue | undefined,
  fortran: boolean,
  { broken, what }: PickleContext,
) {
  if (!(dtype instanceof PickleDType)) throw broken("an array has no dtype");
  if (!Array.isArray(shape)) throw broken("an array has no shape");
  if (!(bytes instanceof Uint8Array))
    throw broken(`an array of ${dtype.descr} has no bytes: objects are not supported`);
  const order = /^[<>|=]/.test(dtype.descr) ? "" : dtype.order;
  const extents = shape.map((extent) => (typeof extent === "number" ? extent : Number.NaN));
  return checkedArray({ dtype: parseDType(`${order}${dtype.descr}`, what), shape: extents, fortran, bytes }, what);
}
