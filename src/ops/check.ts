import { InklingError } from "../base/error.ts";

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
