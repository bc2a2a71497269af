import { power } from "../base/math.ts";
import type { Parameter, Parameters, ParameterValue, Space } from "../training/space/parameter.ts";
import { normalMass } from "./normal.ts";
import { axisOf } from "./scale.ts";

/** A trial that has trained to its end. */
export interface ScoredTrial {
  readonly parameters: Parameters;
  /** Lower is better. */
  readonly loss: number;
}

/** How much a parameter matters for being among the best trials. */
export interface Importance {
  readonly name: string;
  /** Its share of the sum over all parameters, from 0 to 1. */
  readonly share: number;
}

/** The share of the trials that count as the best, and their least number. */
const BEST = 0.1;
const LEAST = 5;
/** The least number of trials that say anything. */
const ENOUGH = 20;
/** Cells of a continuous parameter. */
const CELLS = 50;
/** The narrowest kernel, in cells: 90 % of it is within one cell. */
const NARROWEST = 0.5 / 1.64;
const TINY = 1e-12;

/**
 * The importance of each parameter, the most important first: the Pearson divergence between the density of a parameter
 * among the best tenth of the trials, at least 5, and among all, Σ q·(p/q − 1)², on a grid. A parameter that is used under
 * a condition counts for the trials that have it, weighted by how much more frequent it is among the best. Empty below 20
 * trials.
 *
 * Sources: Watanabe et al., "PED-ANOVA", IJCAI 2023; Scott's rule for the width of kernels, as in Optuna 5.
 */
export function importances(space: Space, trials: readonly ScoredTrial[]): readonly Importance[] {
  if (trials.length < ENOUGH) return [];
  const losses = trials.map(({ loss }) => loss).sort((a, b) => a - b);
  const limit = losses[Math.max(LEAST, Math.ceil(BEST * losses.length)) - 1]!;
  const best = trials.filter(({ loss }) => loss <= limit);
  const values = Object.entries(space).map(([name, parameter]) => {
    const having = (some: readonly ScoredTrial[]) =>
      some.flatMap(({ parameters }) => (parameters[name] === undefined ? [] : [parameters[name]]));
    const [top, all] = [having(best), having(trials)];
    const weight = all.length < 2 ? 0 : (top.length / best.length) ** 2 / (all.length / trials.length);
    return { name, divergence: weight === 0 ? 0 : weight * divergence(parameter, top, all) };
  });
  const sum = values.reduce((total, { divergence }) => total + divergence, 0);
  return values
    .map(({ name, divergence }) => ({ name, share: sum > 0 ? divergence / sum : 0 }))
    .sort((a, b) => b.share - a.share);
}

function divergence(parameter: Parameter, top: readonly ParameterValue[], all: readonly ParameterValue[]): number {
  const [p, q] = [densityOf(parameter, top), densityOf(parameter, all)];
  return q.reduce((sum, at, k) => sum + at * (p[k]! / at - 1) ** 2, 0);
}

/** The density of values on the cells of a parameter: kernels around the cells that values are in, and a prior. */
function densityOf(parameter: Parameter, values: readonly ParameterValue[]): readonly number[] {
  const axis = axisOf(parameter);
  const choices = parameter.type === "choice" && !axis ? parameter.values : undefined;
  const cells = choices?.length ?? Math.min(CELLS, axis!.cells ?? CELLS);
  const counts = new Array<number>(cells).fill(0);
  for (const value of values) {
    const place = choices ? choices.indexOf(value) : cellAt(axis!.placeOf(value), axis!, cells);
    counts[place]!++;
  }
  const total = values.length + 1;
  if (choices) {
    const kernels = counts.filter((count) => count > 0).length + 1;
    const norm = 1 + cells / kernels;
    return counts.map((count) => TINY + (count + values.length / kernels) / norm / total + 1 / cells / total);
  }
  const width = bandwidth(counts, values.length);
  const kernel = (mean: number, deviation: number, cell: number) =>
    normalMass((cell - 0.5 - mean) / deviation, (cell + 0.5 - mean) / deviation) /
    normalMass((-0.5 - mean) / deviation, (cells - 0.5 - mean) / deviation);
  return counts.map((_, cell) => {
    let sum = kernel((cells - 1) / 2, cells, cell);
    for (const [mean, count] of counts.entries()) if (count > 0) sum += count * kernel(mean, width, cell);
    return TINY + sum / total;
  });
}

const cellAt = (place: number, { low, high }: { readonly low: number; readonly high: number }, cells: number): number =>
  Math.min(cells - 1, Math.max(0, Math.floor(((place - low) / (high - low)) * cells)));

/** Scott's rule, in cells: 1.059 · min(interquartile range / 1.34, standard deviation) · n^(−1/5). */
function bandwidth(counts: readonly number[], n: number): number {
  const mean = counts.reduce((sum, count, k) => sum + count * k, 0) / n;
  const variance = counts.reduce((sum, count, k) => sum + count * (k - mean) ** 2, 0) / Math.max(1, n - 1);
  const quantile = (share: number) => {
    let reached = 0;
    const found = counts.findIndex((count) => (reached += count) >= share * n);
    return found;
  };
  const range = quantile(0.75) - quantile(0.25);
  return Math.max(NARROWEST, 1.059 * Math.min(range / 1.34, Math.sqrt(variance)) * power(n, -0.2));
}
