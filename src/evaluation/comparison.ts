import { InklingError } from "../base/error.ts";
import { bootstrapValues, percentileInterval } from "./bootstrap.ts";
import { binomialTail, studentQuantile, studentTail } from "./distributions.ts";
import type { Interval } from "./score.ts";

/** A setting to compare: one model, or several that were trained with different seeds. */
export interface Contender {
  /** For each of its models whether it is right, 1 or 0, on each of the same N images: shape [N]. */
  readonly models: readonly ArrayLike<number>[];
}

/** How to compare. */
export interface ComparisonOptions {
  /**
   * Shape [N]: numbers of what belongs together, such as images of one group, or with the same pixels. The bootstrap draws
   * them together. Default: every image for itself.
   */
  readonly clusters?: ArrayLike<number>;
  /** The probability at which a difference is called although there is none. Default: 0.05. */
  readonly risk?: number;
  /** Resamples of the bootstrap. Default: 1000. */
  readonly resamples?: number;
  /** The seed of the bootstrap. Default: 1. */
  readonly seed?: number;
}

/** On how many images two models are right. */
export interface PairedCounts {
  readonly both: number;
  readonly onlyFirst: number;
  readonly onlySecond: number;
  readonly neither: number;
}

/** The p-values of {@link mcNemar}. */
export interface McNemar {
  /** P of counts as far apart or further: 2·P(X ≤ min(b, c)), X ~ Binomial(b + c, 1/2). At most 1. */
  readonly exact: number;
  /** The same, but counts exactly as far apart count half. */
  readonly mid: number;
}

/** What differs between two settings. All accuracies and differences are fractions, 0 to 1. */
export interface Comparison {
  readonly images: number;
  /** The mean accuracy of each one's models. */
  readonly accuracies: readonly [first: number, second: number];
  /** That of the second minus that of the first. */
  readonly difference: number;
  /** The interval of the difference at the level 1 − risk. */
  readonly interval: Interval;
  /**
   * `paired`: one model each, by McNemar's test; `seeds`: the difference between settings, where at least one of them was
   * trained with several seeds.
   */
  readonly test: "paired" | "seeds";
  /** The probability of such a difference or a larger one if there were none; see `adjusted` for several comparisons. */
  readonly pValue: number;
  /** The p-value after Holm's correction for the number of comparisons. */
  readonly adjusted: number;
  /** McNemar's exact p-value, which is never too small but often too large. For `paired` only. */
  readonly exactPValue?: number;
  /** For `paired` only. */
  readonly counts?: PairedCounts;
  /** The standard error of the difference that comes from the images, and that from the seeds if these are known. */
  readonly errors: { readonly images: number; readonly seeds?: number };
  /** The difference that these images would show in 4 of 5 cases: 2.8 standard errors. */
  readonly detectable: number;
  /** Whether the second is better or worse beyond chance; otherwise `undecided`, which does not mean that they are equal. */
  readonly verdict: "better" | "worse" | "undecided";
}

/**
 * McNemar's test of two models on the same images, of which only one is right on b and only the other on c: the exact
 * p-value, and the mid-p-value, which comes closer to its level. Sources: McNemar, "Note on the sampling error of the
 * difference between correlated proportions or percentages", Psychometrika 12, 1947; Fagerland, Lydersen & Laake, "The
 * McNemar test for binary matched-pairs data: mid-p and asymptotic are better than exact conditional", BMC Medical Research
 * Methodology 13, 2013.
 */
export function mcNemar(b: number, c: number): McNemar {
  const [fewer, all] = [Math.min(b, c), b + c];
  const upTo = binomialTail(fewer, all, 0.5);
  const below = fewer === 0 ? 0 : binomialTail(fewer - 1, all, 0.5);
  return { exact: Math.min(1, 2 * upTo), mid: Math.min(1, upTo + below) };
}

/** How far the accuracies of models that differ in the seed alone are apart. */
export interface SeedSpread {
  /** Their standard deviation around the mean of their setting, over all settings with several seeds. */
  readonly deviation: number;
  /** The number of models minus the number of settings. */
  readonly degrees: number;
}

/** The spread of the seeds over all settings that have several; undefined if none has. */
export function seedSpread(contenders: readonly Contender[]): SeedSpread | undefined {
  const deviations = contenders.flatMap(({ models }) => {
    const accuracies = models.map(meanOf);
    const mean = meanOf(accuracies);
    return models.length > 1 ? accuracies.map((accuracy) => (accuracy - mean) ** 2) : [];
  });
  const degrees = contenders.reduce((sum, { models }) => sum + models.length - 1, 0);
  if (degrees === 0) return undefined;
  return { deviation: Math.sqrt(deviations.reduce((sum, x) => sum + x, 0) / degrees), degrees };
}

/**
 * Compares each setting with the first one, on the same N images.
 *
 * One model each: McNemar's test (mid-p), and the percentiles of a paired bootstrap of the difference; a difference is called
 * if both say so. Where a setting was trained with several seeds, the difference of mean accuracies has the variance
 *
 *   σ² = σ_images² + s²·(1/m₁ + 1/m₂)
 *
 * with the variance over resampled images, the pooled variance s² of the seeds, and the numbers of models; it is tested as
 * Student's t with Welch and Satterthwaite's degrees of freedom. s² also contains a part of what the images do, so this
 * errs on the side of not calling a difference. Of several comparisons, the p-values are corrected by Holm's method.
 *
 * Throws `INVALID_ARGUMENT` unless there are two settings, with models of equally many images.
 */
export function compareContenders(
  contenders: readonly Contender[],
  options: ComparisonOptions = {},
): readonly Comparison[] {
  const [first, ...others] = contenders;
  const counts = new Set(contenders.flatMap(({ models }) => models.map(({ length }) => length)));
  if (!first || others.length === 0 || contenders.some(({ models }) => models.length === 0) || counts.size !== 1)
    throw new InklingError(
      "INVALID_ARGUMENT",
      `comparison: there are ${contenders.length} settings with answers for ${[...counts].join(", ")} images, expected at least two, with answers of each model for the same images`,
    );
  const spread = seedSpread(contenders);
  const found = others.map((other) => compareTwo(first, other, spread, options));
  const adjusted = holm(found.map(({ pValue }) => pValue));
  return found.map((comparison, k) => ({
    ...comparison,
    adjusted: adjusted[k]!,
    verdict: verdictOf(comparison, adjusted[k]!, options.risk ?? 0.05),
  }));
}

function verdictOf(
  { difference, interval: [low, high] }: Pick<Comparison, "difference" | "interval">,
  pValue: number,
  risk: number,
): Comparison["verdict"] {
  if (pValue >= risk || (low < 0 && high > 0)) return "undecided";
  return difference > 0 ? "better" : "worse";
}

function compareTwo(
  first: Contender,
  second: Contender,
  spread: SeedSpread | undefined,
  options: ComparisonOptions,
): Omit<Comparison, "adjusted" | "verdict"> {
  const [a, b] = [meanAnswers(first), meanAnswers(second)];
  const { risk = 0.05 } = options;
  const values = differencesOnResamples(a, b, options);
  const images = deviationOf(values);
  const accuracies = [meanOf(a), meanOf(b)] as const;
  const difference = accuracies[1] - accuracies[0];
  const common = { images: a.length, accuracies, difference };
  if (spread && Math.max(first.models.length, second.models.length) > 1) {
    const seeds = spread.deviation * Math.sqrt(1 / first.models.length + 1 / second.models.length);
    const error = Math.hypot(images, seeds);
    const degrees = error === 0 ? 1 : error ** 4 / (images ** 4 / (a.length - 1) + seeds ** 4 / spread.degrees);
    const reach = studentQuantile(risk, degrees) * error;
    return {
      ...common,
      interval: [difference - reach, difference + reach],
      test: "seeds",
      pValue: difference === 0 ? 1 : studentTail(difference / error, degrees),
      errors: { images, seeds },
      detectable: DETECTABLE * error,
    };
  }
  const counts = countPairs(first.models[0]!, second.models[0]!);
  const { exact, mid } = mcNemar(counts.onlyFirst, counts.onlySecond);
  return {
    ...common,
    interval: percentileInterval(values, 1 - risk),
    test: "paired",
    pValue: mid,
    exactPValue: exact,
    counts,
    errors: { images },
    detectable: DETECTABLE * images,
  };
}

/** The 97.5th and the 80th percentile of the standard normal distribution together. */
const DETECTABLE = 1.959964 + 0.841621;

/** The share of a setting's models that is right, for each image. */
const meanAnswers = ({ models }: Contender): Float64Array =>
  Float64Array.from(models[0]!, (_, i) => models.reduce((sum, right) => sum + right[i]!, 0) / models.length);

function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return values.length === 0 ? 0 : sum / values.length;
}

function deviationOf(values: ArrayLike<number>): number {
  const mean = meanOf(values);
  return Math.sqrt(meanOf(Float64Array.from(values, (value) => (value - mean) ** 2)));
}

/** The sorted differences of two settings on resamples of the images, or of what belongs together. */
function differencesOnResamples(a: Float64Array, b: Float64Array, options: ComparisonOptions): Float64Array {
  const { clusters = Array.from(a, (_, i) => i), resamples = 1000, seed = 1 } = options;
  const numbers = new Map<number, number>();
  const [sums, sizes]: [number[], number[]] = [[], []];
  for (let i = 0; i < a.length; i++) {
    const k = numbers.get(clusters[i]!) ?? numbers.size;
    numbers.set(clusters[i]!, k);
    sums[k] = (sums[k] ?? 0) + b[i]! - a[i]!;
    sizes[k] = (sizes[k] ?? 0) + 1;
  }
  const [sumOf, sizeOf] = [Float64Array.from(sums), Float64Array.from(sizes)];
  const found = bootstrapValues(
    numbers.size,
    (drawn) => {
      let [sum, size] = [0, 0];
      for (const k of drawn) {
        sum += sumOf[k]!;
        size += sizeOf[k]!;
      }
      return sum / Math.max(1, size);
    },
    { resamples, seed },
  );
  return Float64Array.from(found).sort();
}

function countPairs(first: ArrayLike<number>, second: ArrayLike<number>): PairedCounts {
  const counts = [0, 0, 0, 0];
  for (let i = 0; i < first.length; i++) counts[(first[i] ? 2 : 0) + (second[i] ? 1 : 0)]!++;
  const [neither, onlySecond, onlyFirst, both] = counts as [number, number, number, number];
  return { both, onlyFirst, onlySecond, neither };
}

/**
 * p-values corrected for their number: the smallest is multiplied by it, the next by one less, and so on, and none is smaller
 * than the one before. Source: Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of
 * Statistics 6, 1979.
 */
function holm(pValues: readonly number[]): readonly number[] {
  const order = pValues.map((_, k) => k).sort((a, b) => pValues[a]! - pValues[b]!);
  const adjusted = new Array<number>(pValues.length);
  let least = 0;
  for (const [place, k] of order.entries())
    adjusted[k] = least = Math.max(least, Math.min(1, (pValues.length - place) * pValues[k]!));
  return adjusted;
}
