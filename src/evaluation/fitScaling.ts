import { exp, log } from "../base/math.ts";
import { prominence } from "../ops/prominence.ts";
import { type Scaling, softmaxInto } from "./softmax.ts";

/** Temperatures beyond these mean that all answers are right, or that the logits say nothing. */
export const [COLDEST, HOTTEST] = [1 / 64, 64];

/**
 * The temperature T that minimizes the mean log loss of softmax(z / T) for logits z [N,K]: it corrects a model that is too
 * certain, or not certain enough, without changing an answer. Fit it on validation images, never on those that the model is
 * tested on.
 *
 * The loss is convex in β = 1/T, with the slope mean(Σ_k p_k z_k − Σ_k t_k z_k) for targets t that are 1 − `smoothing` for the
 * label, 0 by default, and share `smoothing` among the other classes; bisection finds its zero. The result lies between 1/64
 * and 64, and is 1 without images. Source: Guo et al., "On calibration of modern neural networks", ICML 2017.
 */
export function fitTemperature(
  logits: ArrayLike<number>,
  labels: ArrayLike<number>,
  classes: number,
  smoothing = 0,
): number {
  if (labels.length === 0 || classes === 1) return 1;
  const p = new Float64Array(classes);
  const other = smoothing / (classes - 1);
  const slope = (temperature: number): number => {
    let total = 0;
    for (let n = 0; n < labels.length; n++) {
      const first = n * classes;
      softmaxInto(p, logits, first, { temperature });
      total += p.reduce(
        (mean, share, k) => mean + (share - other) * logits[first + k]!,
        -(1 - smoothing - other) * logits[first + labels[n]!]!,
      );
    }
    return total;
  };
  let [low, high] = [log(1 / HOTTEST), log(1 / COLDEST)];
  for (let k = 0; k < 40; k++) {
    const middle = (low + high) / 2;
    if (slope(exp(-middle)) > 0) high = middle;
    else low = middle;
  }
  return exp(-(low + high) / 2);
}

/** The loss of {@link fitScaling}, with its slopes along α and β and the slopes of these. */
interface Slopes {
  readonly loss: number;
  readonly first: readonly [alpha: number, beta: number];
  readonly second: readonly [alphaAlpha: number, alphaBeta: number, betaBeta: number];
}

/** Newton's steps until a minimum is found; a few are enough. */
const STEPS = 50;

/**
 * The scaling of logits z [N,K] that minimizes the mean log loss: softmax(u·z) with u = α + β·r², where r² is the
 * prominence of an image's logits and α, β ≥ 0; so T = 1 / (α + β) and the attenuation is β / (α + β). No answer
 * changes. Label smoothing makes networks nearly equally certain of most of their answers, right or wrong, but the logits of
 * wrong ones resemble a one-hot vector less, which one temperature for all images cannot use. Fit it on validation images.
 *
 * The loss is convex in (α, β), which start at β = 0 with the temperature of {@link fitTemperature}, whose `smoothing` of the
 * targets this has too; Newton's method with halved steps finds the minimum. For two classes r² is always 1, so there is
 * nothing to attenuate. Source: Balanya, Maroñas & Ramos, "Adaptive temperature scaling for robust calibration of deep neural
 * networks", Neural Computing and Applications 36, 2024, arXiv 2208.00461: temperatures that depend on the logits, such as on their
 * entropy.
 */
export function fitScaling(
  logits: ArrayLike<number>,
  labels: ArrayLike<number>,
  classes: number,
  smoothing = 0,
): Scaling {
  const temperature = fitTemperature(logits, labels, classes, smoothing);
  if (labels.length === 0 || classes <= 2) return { temperature };
  const shares = Float64Array.from(labels, (_, n) => prominence(logits, n * classes, classes));
  const slopesAt = (alpha: number, beta: number) =>
    scalingSlopes(logits, labels, classes, smoothing, shares, [alpha, beta]);
  let [alpha, beta] = [1 / temperature, 0];
  let at = slopesAt(alpha, beta);
  for (let step = 0; step < STEPS; step++) {
    const [a, b] = newtonStep(at, alpha, beta);
    let [size, next, to] = [1, at, [alpha, beta] as [number, number]];
    // The loss is convex, so a step that is short enough decreases it, until rounding hides that.
    for (; size > 1e-6; size /= 2) {
      to = [Math.max(0, alpha + size * a), Math.max(0, beta + size * b)];
      next = slopesAt(...to);
      if (next.loss < at.loss) break;
    }
    if (!(next.loss < at.loss)) break;
    [alpha, beta] = to;
    at = next;
  }
  const sum = alpha + beta; // 0 if the logits say less than nothing
  const inverse = Math.min(1 / COLDEST, Math.max(1 / HOTTEST, sum));
  return { temperature: 1 / inverse, attenuation: sum > 0 ? beta / sum : 0 };
}

/** The step to the minimum of a quadratic function with these slopes, along the bounds α, β ≥ 0 where it would cross them. */
function newtonStep(
  { first: [a, b], second: [aa, ab, bb] }: Slopes,
  alpha: number,
  beta: number,
): readonly [alpha: number, beta: number] {
  const determinant = aa * bb - ab * ab;
  const isFree = (value: number, slope: number) => value > 0 || slope < 0;
  const [movesAlpha, movesBeta] = [isFree(alpha, a), isFree(beta, b)];
  if (movesAlpha && movesBeta && determinant > 1e-12 * aa * bb) {
    const step = [(ab * b - bb * a) / determinant, (ab * a - aa * b) / determinant] as const;
    if (alpha + step[0] >= 0 && beta + step[1] >= 0) return step;
    // To the bound that the step crosses first, and from there along it.
    if (alpha + step[0] < 0) return [-alpha, (ab * alpha - b) / bb];
    return [(ab * beta - a) / aa, -beta];
  }
  return [movesAlpha && aa > 0 ? -a / aa : 0, !movesAlpha && movesBeta && bb > 0 ? -b / bb : 0];
}

function scalingSlopes(
  logits: ArrayLike<number>,
  labels: ArrayLike<number>,
  classes: number,
  smoothing: number,
  shares: Float64Array,
  [alpha, beta]: readonly [number, number],
): Slopes {
  const other = smoothing / (classes - 1);
  const weights = new Float64Array(classes);
  let loss = 0;
  let [a, b, aa, ab, bb] = [0, 0, 0, 0, 0];
  for (let n = 0; n < labels.length; n++) {
    const first = n * classes;
    const share = shares[n]!;
    const factor = alpha + beta * share;
    let greatest = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < classes; k++) greatest = Math.max(greatest, logits[first + k]!);
    let [total, mean, square, target] = [0, 0, 0, 0];
    for (let k = 0; k < classes; k++) {
      const z = logits[first + k]! - greatest;
      total += weights[k] = exp(factor * z);
      mean += weights[k]! * z;
      square += weights[k]! * z * z;
      target += (k === labels[n] ? 1 - smoothing : other) * z;
    }
    mean /= total;
    loss += log(total) - factor * target;
    const [slope, curvature] = [mean - target, square / total - mean * mean];
    a += slope;
    b += share * slope;
    aa += curvature;
    ab += share * curvature;
    bb += share * share * curvature;
  }
  return { loss, first: [a, b], second: [aa, ab, bb] };
}
