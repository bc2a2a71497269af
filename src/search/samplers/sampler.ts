import { philox, purposes } from "../../base/philox.ts";
import { isUsed, type Parameters, type ParameterValue, type Space } from "../../training/space/parameter.ts";
import { valueAt } from "../scale.ts";

/** What is known about an earlier trial. */
export interface Observation {
  readonly trial: number;
  readonly parameters: Parameters;
  /** Lower is better; infinite for a trial that failed. */
  readonly loss: number;
  /** The share of its training that is done, up to 1. */
  readonly resource: number;
}

/** Trials that have trained longer are better than others, then those with a smaller loss, then earlier ones. */
export const better = (
  a: Pick<Observation, "trial" | "loss" | "resource">,
  b: Pick<Observation, "trial" | "loss" | "resource">,
): number => b.resource - a.resource || (a.loss === b.loss ? 0 : a.loss - b.loss) || a.trial - b.trial;

/** What the parameters of a trial depend on, and nothing else. */
export interface Asked {
  readonly space: Space;
  readonly seed: number;
  /** The number of the trial. */
  readonly trial: number;
  /** Trials whose results may be used, by number. */
  readonly history: readonly Observation[];
  /** The parameters of earlier trials whose results may not be used yet. */
  readonly pending: readonly Parameters[];
}

/** Proposes the parameters of trials. */
export interface Sampler {
  readonly name: string;
  readonly description: string;
  /** The number of trials that it can propose, if it is limited. */
  size?(space: Space): number;
  /** The parameters of a trial: a pure function of its number and of earlier results. */
  ask(asked: Asked): Parameters;
}

/** Random numbers in [0, 1) of a trial, with 53 bits: the same for the same seed, trial, stream and index. */
export function uniformOf({ seed, trial }: Pick<Asked, "seed" | "trial">, stream: number, index = 0): number {
  const [high, low] = philox([seed >>> 0, purposes.search], [trial, stream, index, 0]);
  return ((high >>> 5) * 2 ** 26 + (low >>> 6)) / 2 ** 53;
}

/** The values at the given places in [0, 1), one for each parameter of a space, of those that are used. */
export function valuesAt(space: Space, place: (index: number) => number): Parameters {
  const values: Record<string, ParameterValue> = {};
  Object.entries(space).forEach(([name, parameter], index) => {
    if (isUsed(parameter, values)) values[name] = valueAt(parameter, place(index));
  });
  return values;
}
