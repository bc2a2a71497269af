import { InklingError } from "../base/error.ts";
import { dims, type Shape, shapeError } from "../base/shape.ts";

/** Throws `INVALID_ARGUMENT` unless an attribute's value is valid, as `fits` says; `expected` completes the message. */
export function checkAttribute(op: string, what: string, got: number | string, fits: boolean, expected: string): void {
  if (!fits) throw new InklingError("INVALID_ARGUMENT", `${op}: ${what} is ${got}, expected ${expected}`);
}

/** Throws `INVALID_ARGUMENT` unless `got` is an integer of at least `least`. */
export const checkWhole = (op: string, what: string, got: number, least: number): void =>
  checkAttribute(op, what, got, Number.isInteger(got) && got >= least, `a whole number of at least ${least}`);

/** Throws `INVALID_ARGUMENT` unless `got` is finite. */
export const checkFinite = (op: string, what: string, got: number): void =>
  checkAttribute(op, what, got, Number.isFinite(got), "a finite number");

/** Throws `INVALID_ARGUMENT` unless `got` is from 0 to 1. */
export const checkFraction = (op: string, what: string, got: number): void =>
  checkAttribute(op, what, got, got >= 0 && got <= 1, "from 0 to 1");

/** The extent C of the last axis of x [N,…,C]. Throws `INVALID_SHAPE` unless its rank is 2 or more. */
export function channelsOf(op: string, x: Shape): number {
  if (x.length < 2) throw shapeError(op, "rank of x", x.length, "at least 2");
  return x.at(-1)!;
}

/** Throws `INVALID_SHAPE` unless each of the inputs is [C]. */
export function checkChannels(op: string, C: number, inputs: Readonly<Record<string, Shape>>): void {
  for (const [name, shape] of Object.entries(inputs)) {
    const [length] = dims(op, name, shape, 1);
    if (length !== C) throw shapeError(op, `length of ${name}`, length, C);
  }
}
