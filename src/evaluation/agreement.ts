/** How far answers agree with labels beyond what chance gives. */
export interface Agreement {
  /** Cohen's kappa: 1 if all answers are right, 0 if they are independent of the labels. */
  readonly kappa: number;
  /** The standard error of kappa for answers that are independent of the labels; Infinity if all labels are the same. */
  readonly error: number;
}

/**
 * Cohen's kappa of a confusion matrix [label][answer] of N images, and its standard error if answers and labels were
 * independent:
 *
 *   κ = (p − e) / (1 − e),   se₀ = √((e + e² − Σ_k r_k·c_k·(r_k + c_k)) / N) / (1 − e)
 *
 * with p the share of right answers, r_k and c_k the shares of label k and of answer k, and e = Σ_k r_k·c_k. Unlike
 * accuracy, kappa is 0 for a model that always gives the most frequent class, and unlike the comparison with that class's
 * share it recognizes a model that is trained with class weights. If all answers are the same, the error is that of answers as
 * frequent as the labels, so that it tells how much these images can show.
 *
 * Sources: Cohen, "A coefficient of agreement for nominal scales", 1960; Fleiss, Cohen and Everitt, "Large sample standard
 * errors of kappa and weighted kappa", 1969.
 */
export function agreementOf(confusion: readonly (readonly number[])[]): Agreement {
  const sums = (of: (label: number, answer: number) => number) =>
    confusion.map((_, i) => confusion.reduce((sum, _, j) => sum + of(i, j), 0));
  const labels = sums((label, answer) => confusion[label]![answer]!);
  const answers = sums((answer, label) => confusion[label]![answer]!);
  const count = labels.reduce((sum, n) => sum + n, 0);
  const isConstant = (counts: readonly number[]) => counts.filter((n) => n > 0).length <= 1;
  if (isConstant(labels)) return { kappa: 0, error: Number.POSITIVE_INFINITY };
  const others = isConstant(answers) ? labels : answers;
  const sumOf = (term: (k: number) => number) => confusion.reduce((sum, _, k) => sum + term(k), 0);
  const expected = sumOf((k) => (labels[k]! / count) * (others[k]! / count));
  const third = sumOf((k) => (labels[k]! * others[k]! * (labels[k]! + others[k]!)) / count ** 3);
  const error = Math.sqrt(Math.max(0, expected + expected ** 2 - third) / count) / (1 - expected);
  if (others === labels) return { kappa: 0, error };
  return { kappa: (sumOf((k) => confusion[k]![k]!) / count - expected) / (1 - expected), error };
}
