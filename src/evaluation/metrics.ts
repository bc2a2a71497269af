/**
 * How well a model recognizes one class c, from the confusion matrix n[label][answer]. A ratio whose denominator is 0
 * is 0, as in scikit-learn.
 */
export interface ClassMetrics {
  /** Images of the class: Σ_answer n[c][answer]. */
  readonly count: number;
  /** Images for which the model answered the class: Σ_label n[label][c]. */
  readonly answered: number;
  /** n[c][c] / answered: the fraction of the answers c that are right. */
  readonly precision: number;
  /** n[c][c] / count: the fraction of the images of c that are recognized. */
  readonly recall: number;
  /** 2 · n[c][c] / (answered + count): the harmonic mean of precision and recall. */
  readonly f1: number;
}

/** Precision, recall and F1 averaged over classes. */
export type AverageMetrics = Pick<ClassMetrics, "precision" | "recall" | "f1">;

/** Metrics of every class, and their averages over the classes that occur among labels or answers. */
export interface ClassificationMetrics {
  /** Shape [K], in the order of the classes. */
  readonly classes: readonly ClassMetrics[];
  /** The mean over classes, so that each counts the same however many images it has. */
  readonly macro: AverageMetrics;
  /** The mean over classes weighted by their images, so that each image counts the same. */
  readonly weighted: AverageMetrics;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

/** What the metrics of a class are made of: its images, those for which the model answered it, and how many are both. */
export interface ClassCounts {
  readonly count: number;
  readonly answered: number;
  readonly right: number;
}

/**
 * Precision, recall and F1 from a confusion matrix [K,K], `confusion[label][answer]`. Equal to scikit-learn's
 * `precision_recall_fscore_support` with `zero_division=0`.
 */
export function classificationMetrics(confusion: readonly (readonly number[])[]): ClassificationMetrics {
  const answered = new Array<number>(confusion.length).fill(0);
  for (const answers of confusion) for (const [k, images] of answers.entries()) answered[k]! += images;
  return metricsOf(
    confusion.map((answers, k) => ({ count: sum(answers), answered: answered[k]!, right: answers[k]! })),
  );
}

/** The metrics of {@link classificationMetrics} from the counts of K classes. */
export function metricsOf(counts: readonly ClassCounts[]): ClassificationMetrics {
  const classes = counts.map(
    ({ count, answered, right }): ClassMetrics => ({
      count,
      answered,
      precision: ratio(right, answered),
      recall: ratio(right, count),
      f1: ratio(2 * right, answered + count),
    }),
  );
  const occurring = classes.filter(({ count, answered }) => count + answered > 0);
  return {
    classes,
    macro: average(occurring, () => 1),
    weighted: average(occurring, ({ count }) => count),
  };
}

function average(classes: readonly ClassMetrics[], weight: (of: ClassMetrics) => number): AverageMetrics {
  const total = sum(classes.map(weight));
  const mean = (name: keyof AverageMetrics) => ratio(sum(classes.map((of) => weight(of) * of[name])), total);
  return { precision: mean("precision"), recall: mean("recall"), f1: mean("f1") };
}

/**
 * The mean recall over the classes that have images, from a confusion matrix [K,K]: the accuracy if all classes had the same
 * number of images. 0 without images. Same as scikit-learn's `balanced_accuracy_score`.
 */
export const balancedAccuracy = (confusion: readonly (readonly number[])[]): number =>
  meanRecall(classificationMetrics(confusion));

/** The balanced accuracy, from metrics. */
export function meanRecall({ classes }: Pick<ClassificationMetrics, "classes">): number {
  const present = classes.filter(({ count }) => count > 0);
  return ratio(sum(present.map(({ recall }) => recall)), present.length);
}

/** Images of one class for which a model answered another. */
export interface Confusion {
  /** The numbers of both classes. */
  readonly label: number;
  readonly answer: number;
  readonly count: number;
  /** Its share of the images of the class, 0 to 1. */
  readonly share: number;
}

/** The most frequent mistakes of a confusion matrix [K,K], at most `limit`; of equally frequent ones, the first. */
export const mostConfused = (confusion: readonly (readonly number[])[], limit: number): readonly Confusion[] =>
  confusion
    .flatMap((answers, label) =>
      answers.map((count, answer) => ({ label, answer, count, share: ratio(count, sum(answers)) })),
    )
    .filter(({ label, answer, count }) => label !== answer && count > 0)
    .sort((a, b) => b.count - a.count)
    .slice(0, limit);
