import { philox, purposes, type Words } from "../base/philox.ts";
import {
  and,
  constant,
  fma,
  indexValue,
  integer,
  less,
  mul,
  mulInt,
  select,
  shiftRight,
  toFloat,
} from "../ir/build.ts";
import { philoxWords, type WordValues } from "../ir/random.ts";
import type { Affine, Stmt, Value } from "../ir/types.ts";
import { checkAttribute } from "./check.ts";
import type { Runtime, RuntimeNumbers } from "./op.ts";

/*
 * The random draws of augmentation: Philox with key (seed, purpose) and counter (step, sample, block, stream),
 * where `sample` is the index in the batch and `stream` is unique to each layer. A word gives two 16-bit
 * numbers, its low half first, so one block suffices for a sample.
 */

const low = (word: Value): Value => and(word, integer(0xffff));
const high = (word: Value): Value => shiftRight(word, integer(16));

/** The 16-bit halves of the words of one block. */
export const halves = (words: WordValues): readonly Value[] => words.flatMap((word) => [low(word), high(word)]);
/** The same for plain numbers, for references. */
export const halfNumbers = (words: Words): readonly number[] => words.flatMap((word) => [word & 0xffff, word >>> 16]);

/** The words of one block of a sample. */
export const augmentWords = (
  { seed, step, sample }: Runtime,
  n: Affine,
  block: Affine | number,
  stream: number,
  body: (words: WordValues) => Stmt,
): Stmt => philoxWords([seed, integer(purposes.augment)], [step, sample(n), indexValue(block), integer(stream)], body);
/** The same for plain numbers, for references. */
export const augmentNumbers = ({ seed, step }: RuntimeNumbers, n: number, block: number, stream: number): Words =>
  philox([seed, purposes.augment], [step, n, block, stream]);

/** Eight 16-bit numbers for a sample. */
export const sampleHalves = (
  runtime: Runtime,
  n: Affine,
  stream: number,
  body: (draws: readonly Value[]) => Stmt,
): Stmt => augmentWords(runtime, n, 0, stream, (words) => body(halves(words)));
/** The same for plain numbers, for references. */
export const sampleNumbers = (runtime: RuntimeNumbers, n: number, stream: number): readonly number[] =>
  halfNumbers(augmentNumbers(runtime, n, 0, stream));

/** A uniform number in [0, 1) from 16 bits, exact. */
export const unit = (half: Value): Value => mul(toFloat(half), constant(2 ** -16));
/** The same for plain numbers, for references. */
export const unitNumber = (half: number): number => half / 2 ** 16;

/** A uniform number in [−1, 1) from 16 bits, exact. */
export const symmetric = (half: Value): Value => fma(toFloat(half), constant(2 ** -15), constant(-1));
/** The same for plain numbers, for references. */
export const symmetricNumber = (half: number): number => half / 2 ** 15 - 1;

/** An integer in [0, limit) from 16 bits, for limits up to 65,536. */
export const below = (half: Value, limit: number): Value => shiftRight(mulInt(half, integer(limit)), integer(16));
/** The same for plain numbers, for references. */
export const numberBelow = (half: number, limit: number): number => Math.floor((half * limit) / 2 ** 16);

/** `changed` with a probability, decided by a half of the sample's block, else `kept`. */
export const sometimes = (half: Value, probability: number, changed: Value, kept: Value): Value =>
  probability === 1 ? changed : select(less(unit(half), constant(probability)), changed, kept);
/** The same for plain numbers, for references. */
export const isChanged = (half: number, probability: number): boolean => unitNumber(half) < Math.fround(probability);

/** Throws `INVALID_ARGUMENT` unless `got` is a finite number of at least 0. */
export const checkRange = (op: string, what: string, got: number): void =>
  checkAttribute(op, what, got, Number.isFinite(got) && got >= 0, "a number of at least 0");

/** Throws `INVALID_ARGUMENT` unless `got` is an angle from 0 to 180 degrees. */
export const checkAngle = (op: string, what: string, got: number): void =>
  checkAttribute(op, what, got, got >= 0 && got <= 180, "degrees from 0 to 180");

export const radians = (degrees: number): number => (degrees * Math.PI) / 180;
