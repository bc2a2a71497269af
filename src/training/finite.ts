import { InklingError } from "../base/error.ts";
import { allFinite } from "../base/finite.ts";
import type { Engine } from "../engine/engine.ts";
import type { TrainingProgram } from "../engine/programs.ts";
import { stateElements } from "../engine/session.ts";

/** The error for a training with an infinite or NaN value, at a step or between two. */
export function notFinite(what: string, first: number, last = first): InklingError {
  const where = first === last ? `at step ${first}` : `between steps ${first} and ${last}`;
  return new InklingError("NOT_FINITE", `training diverged ${where}: ${what}; try a smaller learning rate`);
}

/**
 * Throws `NOT_FINITE` if a weight or an optimizer's state is infinite or NaN after the steps `first` to `last`.
 * Checking the loss is not enough, because a ReLU turns NaN into 0; a gradient that is not finite ends up in a weight.
 */
export function checkFinite(engine: Engine, program: TrainingProgram, first: number, last: number): void {
  for (const [name, values] of stateElements(engine, program))
    if (!allFinite(values)) throw notFinite(`${name} has a value that is infinite or NaN`, first, last);
}
