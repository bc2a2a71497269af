/** How far answers agree with labels beyond what chance gives. */
export interface Agreement {
  /** Cohen's kappa: 1 if all answers are right, 0 if they are independent of the labels. */
  readonly kappa: number;
  /** The standard error of kappa for answers that are independent of the labels. */
  readonly error: number;
}

/**
 * Cohen's kappa of a confusion matrix [label][answer] of N images, and its standard error if answers and labels were
 * independent:
 *
 *   κ = (p − e) / (1 − e),   se₀ = √((e + e² − Σ_k r_k·c_k·(r_k + c_k)) / N) / (1 − e)
 *
 * with p the share of right answers, r_k and c_k the shares of label k and of answer k, and e = Σ_k r_k·c_k. Unlike
 * accuracy it is 0 for a model that always gives the most frequent class, and unlike the comparison with that class's
 * share it recognizes a model that is trained with class weights. Both are 0 if all answers, or all labels, are the same.
 *
 * Sources: Cohen, "A coefficient of agreement for nominal scales", 1960; Fleiss, Cohen and Everitt, "Large sample standard
 * errors of kappa and weighted kappa", 1969.
 */
export function agreementOf(confusion: readonly (readonly number[])[]): Agreement {
  const labels = confusion.map((row) => row.reduce((sum, n) => sum + n, 0));
  const answers = confusion.map((_, k) => confusion.reduce((sum, row) => sum + row[k]!, 0));
  const count = labels.reduce((sum, n) => sum + n, 0);
  const isConstant = [labels, answers].some((counts) => counts.filter((n) => n > 0).length <= 1);
  if (isConstant) return { kappa: 0, error: 0 };
  const sumOf = (term: (k: number) => number) => confusion.reduce((sum, _, k) => sum + term(k), 0);
  const right = sumOf((k) => confusion[k]![k]!) / count;
  const expected = sumOf((k) => (labels[k]! / count) * (answers[k]! / count));
  const third = sumOf((k) => (labels[k]! * answers[k]! * (labels[k]! + answers[k]!)) / count ** 3);
  const variance = Math.max(0, expected + expected ** 2 - third) / count;
  return { kappa: (right - expected) / (1 - expected), error: Math.sqrt(variance) / (1 - expected) };
}
