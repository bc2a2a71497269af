import { log } from "../../base/math.ts";

/** The loss of a network that knows how frequent each class is, and nothing about the images. */
export interface Guess {
  /** Its mean loss, in nats: without label smoothing and class weights, the entropy of the class shares. */
  readonly loss: number;
  /** The smallest possible mean loss: 0 without label smoothing. */
  readonly floor: number;
  /** [K], its loss for an image of each class. */
  readonly losses: readonly number[];
}

/** The probability of a class that has no training images, as guessed; its logarithm has to be finite. */
const LEAST = 1e-7;

/**
 * The best guess for K classes with the given numbers of images. Image i of class k contributes to the training loss with
 * weight w_k and target t_k = (1 − ε)·onehot(k) + ε/K. The best constant answer q and its losses are
 *
 *   q_j ∝ Σ_k p_k·w_k·t_kj,   losses_k = −w_k·Σ_j t_kj·log q_j,   loss = Σ_k p_k·losses_k
 *
 * with p_k the share of class k. By Gibbs' inequality no answer that is independent of the labels has a smaller expected
 * loss.
 */
export function guessOf(
  counts: ArrayLike<number>,
  { labelSmoothing = 0, classWeights }: { labelSmoothing?: number; classWeights?: readonly number[] | undefined } = {},
): Guess {
  const all = Array.from(counts);
  const classes = all.length;
  const total = Math.max(
    1,
    all.reduce((sum, n) => sum + n, 0),
  );
  const weightOf = (k: number) => classWeights?.[k] ?? 1;
  const target = (k: number, j: number) => (j === k ? 1 - labelSmoothing : 0) + labelSmoothing / classes;
  const weighted = all.map((n, k) => (n / total) * weightOf(k));
  const totalWeight = weighted.reduce((sum, x) => sum + x, 0) || 1;
  // Σ_k weighted_k·t_kj, without going through all pairs of classes.
  const q = weighted.map((x) => Math.max(((1 - labelSmoothing) * x) / totalWeight + labelSmoothing / classes, LEAST));
  const logs = q.map((x) => log(x));
  const even = logs.reduce((sum, x) => sum + x, 0) / classes;
  const losses = logs.map((own, k) => -weightOf(k) * ((1 - labelSmoothing) * own + labelSmoothing * even));
  const entropy = (p: number) => (p > 0 ? -p * log(p) : 0);
  const targetEntropy = entropy(target(0, 0)) + (classes - 1) * entropy(labelSmoothing / classes);
  return {
    loss: all.reduce((sum, n, k) => sum + (n / total) * losses[k]!, 0),
    floor: totalWeight * targetEntropy,
    losses,
  };
}
