import { exp, log } from "../../base/math.ts";
import {
  isUsed,
  type Parameter,
  type Parameters,
  type ParameterValue,
  type Space,
} from "../../training/space/parameter.ts";
import { normalMass, truncatedNormal } from "../normal.ts";
import { type Axis, axisOf } from "../scale.ts";

/** The least probability mass whose logarithm is taken. */
const LEAST = 1e-300;

/** The least standard deviation of a kernel on an axis whose cells have the width 1. */
const NARROWEST = 0.5;

/** One parameter in the kernels of a mixture; the last kernel is the prior. */
interface Factor {
  /** Adds to `logs` the logarithm of each kernel's density at a value. */
  addLogs(value: ParameterValue, logs: Float64Array): void;
  /** A value drawn from a kernel. */
  draw(kernel: number, unit: number): ParameterValue;
}

/**
 * A mixture of kernels, one around each observation and a prior over the whole space, each a product over the parameters:
 * truncated normal distributions, or a distribution over choices that favors the observed one. Widths, weights and the
 * prior are those of Optuna 5 (`_ParzenEstimator`), except that no kernel is narrower than half a cell: a kernel is as wide
 * as the larger distance to its neighbors, where the ends of the axis count as neighbors only of a single observation, within
 * [range / min(100, kernels + 1), range]; the prior has the weight of one observation, and the width of the range.
 */
export class Mixture {
  readonly #names: readonly string[];
  readonly #factors: readonly Factor[];
  readonly #logWeights: Float64Array;
  readonly #cumulative: Float64Array;
  readonly #logs: Float64Array;

  /** `observed`: values of all parameters of the space; `weights`: one for each. */
  constructor(space: Space, observed: readonly Parameters[], weights: readonly number[]) {
    this.#names = Object.keys(space);
    this.#factors = Object.entries(space).map(([name, parameter]) =>
      factorOf(
        parameter,
        observed.map((values) => values[name]!),
      ),
    );
    const all = [...weights, 1];
    const sum = all.reduce((a, b) => a + b, 0);
    this.#logWeights = Float64Array.from(all, (weight) => log(weight / sum));
    this.#logs = new Float64Array(all.length);
    let reached = 0;
    this.#cumulative = Float64Array.from(all, (weight) => {
      reached += weight / sum;
      return reached;
    });
  }

  /** Values drawn with numbers from [0, 1): the first one chooses the kernel. */
  draw(unit: (index: number) => number): Parameters {
    const place = unit(0);
    const found = this.#cumulative.findIndex((reached) => place < reached);
    const kernel = found < 0 ? this.#cumulative.length - 1 : found;
    return Object.fromEntries(this.#names.map((name, k) => [name, this.#factors[k]!.draw(kernel, unit(k + 1))]));
  }

  /** The logarithm of the density at the given values. */
  logDensity(values: Parameters): number {
    const logs = this.#logs;
    logs.set(this.#logWeights);
    this.#names.forEach((name, k) => {
      this.#factors[k]!.addLogs(values[name]!, logs);
    });
    let most = Number.NEGATIVE_INFINITY;
    for (const x of logs) if (x > most) most = x;
    let sum = 0;
    for (const x of logs) if (x > most - 40) sum += exp(x - most);
    return log(sum) + most;
  }
}

function factorOf(parameter: Parameter, observed: readonly ParameterValue[]): Factor {
  const axis = axisOf(parameter);
  if (!axis) return choiceFactor((parameter as { readonly values: readonly ParameterValue[] }).values, observed);
  const { means, deviations } = kernelsOf(axis, observed);
  const { low, high, cellOf } = axis;
  const draw = (kernel: number, unit: number) =>
    axis.valueAt(truncatedNormal(unit, means[kernel]!, deviations[kernel]!, low, high));
  if (cellOf) return { addLogs: cellLogs(axis, cellOf, means, deviations), draw };
  const masses = means.map((mean, k) => normalMass((low - mean) / deviations[k]!, (high - mean) / deviations[k]!));
  const constants = masses.map((mass, k) => log(mass * deviations[k]!));
  const addLogs: Factor["addLogs"] = (value, logs) => {
    const place = axis.placeOf(value);
    for (let k = 0; k < means.length; k++) {
      const z = (place - means[k]!) / deviations[k]!;
      logs[k]! -= 0.5 * z * z + constants[k]!;
    }
  };
  return { addLogs, draw };
}

/** The logarithm of the mass that each kernel has in a cell, computed once for each value and for each different kernel. */
function cellLogs(
  axis: Axis,
  cellOf: NonNullable<Axis["cellOf"]>,
  means: Float64Array,
  deviations: Float64Array,
): Factor["addLogs"] {
  const { ids, distinct } = distinctKernels(means, deviations);
  const known = new Map<ParameterValue, Float64Array>();
  const computed = (value: ParameterValue) => {
    const [left, right] = cellOf(value);
    const found = Float64Array.from(distinct, ([mean, deviation]) => {
      const mass = (from: number, to: number) => normalMass((from - mean) / deviation, (to - mean) / deviation);
      return log(Math.max(LEAST, mass(left, right) / mass(axis.low, axis.high)));
    });
    known.set(value, found);
    return found;
  };
  return (value, logs) => {
    const found = known.get(value) ?? computed(value);
    for (let k = 0; k < logs.length; k++) logs[k]! += found[ids[k]!]!;
  };
}

/** The different pairs of mean and deviation, and which of them each kernel has. */
function distinctKernels(means: Float64Array, deviations: Float64Array) {
  const distinct: (readonly [mean: number, deviation: number])[] = [];
  const known = new Map<number, number[]>();
  const ids = Uint32Array.from(means, (mean, k) => {
    const same = known.get(mean) ?? [];
    const found = same.find((id) => distinct[id]![1] === deviations[k]);
    if (found !== undefined) return found;
    known.set(mean, [...same, distinct.length]);
    return distinct.push([mean, deviations[k]!]) - 1;
  });
  return { ids, distinct };
}

/** Means and deviations of the kernels, the prior last. */
function kernelsOf({ low, high, placeOf, cells }: Axis, observed: readonly ParameterValue[]) {
  const count = observed.length;
  const means = new Float64Array(count + 1);
  const deviations = new Float64Array(count + 1);
  for (let k = 0; k < count; k++) means[k] = placeOf(observed[k]!);
  const sorted = means.slice(0, count).sort();
  const taken = new Uint32Array(count);
  // A kernel within one cell says nothing about the neighbors of a value.
  const narrowest = cells === high - low ? NARROWEST : 0;
  const least = Math.max(narrowest, (high - low) / Math.min(100, count + 2));
  for (let k = 0; k < count; k++) {
    const place = means[k]!;
    const lowest = firstAtLeast(sorted, place);
    const position = lowest + taken[lowest]!++; // equal places in the order of the observations
    const isFirst = position === 0;
    const isLast = position === count - 1;
    const before = place - (isFirst ? low : sorted[position - 1]!);
    const after = (isLast ? high : sorted[position + 1]!) - place;
    const width = count === 1 ? Math.max(before, after) : isFirst ? after : isLast ? before : Math.max(before, after);
    deviations[k] = Math.min(high - low, Math.max(least, width));
  }
  means[count] = (low + high) / 2;
  deviations[count] = high - low;
  return { means, deviations };
}

/** The position of the first of ascending numbers that is at least x; one of them is. */
function firstAtLeast(ascending: Float64Array, x: number): number {
  let [left, right] = [0, ascending.length - 1];
  while (left < right) {
    const middle = (left + right) >> 1;
    if (ascending[middle]! < x) left = middle + 1;
    else right = middle;
  }
  return left;
}

/** Choices without an order: in n kernels, the observed one has the mass 1 more than the others' 1/n. */
function choiceFactor(choices: readonly ParameterValue[], observed: readonly ParameterValue[]): Factor {
  const kernels = observed.length + 1;
  const other = 1 / kernels;
  const total = 1 + choices.length * other;
  const prior = kernels - 1;
  const [logOther, logObserved, logPrior] = [log(other / total), log((1 + other) / total), log(1 / choices.length)];
  return {
    addLogs(value, logs) {
      for (let k = 0; k < prior; k++) logs[k]! += observed[k] === value ? logObserved : logOther;
      logs[prior]! += logPrior;
    },
    draw(kernel, unit) {
      if (kernel === prior) return choices[Math.min(choices.length - 1, Math.floor(unit * choices.length))]!;
      let left = unit * total;
      for (const choice of choices) {
        left -= choice === observed[kernel] ? 1 + other : other;
        if (left < 0) return choice;
      }
      return choices.at(-1)!;
    },
  };
}

/** The parameters of a space that are used together, in order: first those that are always used, then one group for each condition. */
export function groupsOf(space: Space): readonly Space[] {
  const groups = new Map<string, Record<string, Parameter>>();
  for (const [name, parameter] of Object.entries(space)) {
    const key = "when" in parameter ? JSON.stringify(parameter.when) : "";
    groups.set(key, { ...groups.get(key), [name]: parameter });
  }
  return [...groups.values()];
}

/** Whether a group of parameters is used with the given values of the groups before it. */
export const isGroupUsed = (group: Space, values: Parameters): boolean => isUsed(Object.values(group)[0]!, values);
