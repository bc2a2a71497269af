import { InklingError } from "../base/error.ts";
import type { Engine } from "../engine/engine.ts";
import type { TrainingProgram } from "../engine/programs.ts";
import { stateElements } from "../engine/session.ts";

/** The error of a training that has lost its numbers, at a step or somewhere from one to another. */
export function notFinite(what: string, first: number, last = first): InklingError {
  const where = first === last ? `at step ${first}` : `between steps ${first} and ${last}`;
  return new InklingError("NOT_FINITE", `training diverged ${where}: ${what}; try a smaller learning rate`);
}

/**
 * Throws `NOT_FINITE` where a weight, or what an optimizer keeps for it, is infinite or not a number after some steps.
 * The loss alone may look healthy, since a ReLU turns NaN into 0; a gradient that is not finite makes such a weight.
 */
export function checkFinite(engine: Engine, program: TrainingProgram, first: number, last: number): void {
  for (const [name, values] of stateElements(engine, program))
    if (!allFinite(values)) throw notFinite(`${name} has a value that is infinite or NaN`, first, last);
}

/** 0 · x is 0 unless x is not finite: much faster than to ask of each. */
function allFinite(values: Float32Array): boolean {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += 0 * values[i]!;
  return sum === 0;
}
