import { type Backend, backend } from "../backends/index.ts";
import { InklingError } from "../base/error.ts";
import { formatShape, sameShape } from "../base/shape.ts";
import { type AnyDataset, alignClasses, allRows, readImages, validateDataset } from "../datasets/index.ts";
import { Engine } from "../engine/engine.ts";
import { EVALUATION_BATCH, type LabeledImages, loadWeights } from "../engine/feed.ts";
import { evaluationProgram } from "../engine/programs.ts";
import { evaluateRows } from "../engine/session.ts";
import { resolveThreads } from "../engine/threads.ts";
import { type Answers, averageAnswers } from "./answers.ts";
import { type Classifier, checkClassifier, Ensemble } from "./ensemble.ts";
import { checkLogits } from "./predictor.ts";
import { isAmong, type Score, scoreOf } from "./score.ts";

/** What to evaluate, and how. */
export interface EvaluateOptions {
  /** The rows to evaluate. Default: all. */
  readonly rows?: ArrayLike<number>;
  /** Rows that are train/test duplicates; if given, the score includes the accuracy without them. */
  readonly trainTestDuplicates?: ArrayLike<number>;
  /** "native" (in Node, the default there), "wasm" (the default elsewhere), "interpret", or a back end of your own. */
  readonly backend?: string | Backend;
  /**
   * Whether to fold batch normalization into the layers before it, as predictions do. Default: false, which reproduces
   * the score at the end of the training exactly. See {@link foldBatchNormalization}.
   */
  readonly fold?: boolean;
  /** Number of threads. Default: the number of processors. */
  readonly threads?: number;
}

/**
 * Throws `INVALID_DATA` unless a data set is consistent, see {@link validateDataset}, and has the image shape and the
 * classes, in the same order, that a model expects.
 */
export function checkDataset(
  { input, classes }: Classifier["model"],
  dataset: AnyDataset,
  what = "the data set",
): void {
  const { imageShape, classNames } = validateDataset(dataset);
  if (!sameShape(input, imageShape))
    throw new InklingError(
      "INVALID_DATA",
      `${what} has images of shape ${formatShape(imageShape)}, but the model expects ${formatShape(input)}; resize the images or choose another model`,
    );
  const same = classes.length === classNames.length && classes.every((name, k) => name === classNames[k]);
  if (!same)
    throw new InklingError(
      "INVALID_DATA",
      `${what} has the classes ${classNames.join(", ")}, but the model has ${classes.join(", ")}; they must be the same, in the same order`,
    );
}

/** A data set in the form that an engine reads: labels, and a function that copies the images of given rows. */
export const labeledImages = (dataset: AnyDataset): LabeledImages => ({
  labels: Uint16Array.from(dataset.labels), // a copy, which nobody changes during a training
  read: (rows, target) => readImages(dataset, rows, target),
});

/**
 * The score of a trained model on labeled images, whose classes are those of the model or some of them, in any order.
 * Throws as {@link answerImages} does.
 */
export async function evaluate(
  trained: Classifier,
  dataset: AnyDataset,
  options: EvaluateOptions = {},
): Promise<Score> {
  const answers = await answerImages(trained, dataset, options);
  const { rows = allRows(dataset), trainTestDuplicates } = options;
  const isDuplicate = trainTestDuplicates && isAmong(rows, trainTestDuplicates);
  return scoreOf(answers, answers.labels, trained.model.classes.length, isDuplicate);
}

/**
 * What a model answers for each of the rows of labeled images: logits [N,K], losses [N], whether the answer is right [N], and
 * the labels [N]; those of an ensemble by the mean of its models' probabilities, with the answers of each. The classes are
 * those of the model or some of them, in any order. Throws `INVALID_DATA` for images of another shape or class,
 * `INVALID_ARGUMENT` for a row out of range, and `NOT_FINITE` for logits that are infinite or NaN.
 */
export async function answerImages(
  trained: Classifier,
  given: AnyDataset,
  options: Omit<EvaluateOptions, "trainTestDuplicates"> = {},
): Promise<Answers> {
  checkClassifier(trained);
  if (trained instanceof Ensemble) {
    const all: Answers[] = [];
    for (const member of trained.members) all.push(await answerImages(member, given, options));
    return { ...averageAnswers(all, trained.scalings), members: all };
  }
  const { model, weights } = options.fold ? trained.folded : trained;
  const dataset = alignClasses(given, model.classes);
  const rows = options.rows ?? allRows(dataset);
  checkDataset(model, dataset);
  checkRows(rows, dataset.labels.length, "evaluate");
  const on = backend(options.backend);
  const program = evaluationProgram(model, { batchSize: EVALUATION_BATCH });
  const engine = await Engine.create([program.spec], on, resolveThreads(on.name, options.threads));
  try {
    loadWeights(engine, program, weights);
    const outputs = await evaluateRows(engine, program, labeledImages(dataset), rows);
    checkLogits(outputs.logits);
    return { ...outputs, labels: Uint16Array.from(rows, (row) => dataset.labels[row]!) };
  } finally {
    engine.close();
  }
}

/** Throws `INVALID_ARGUMENT` for a row outside 0 … count − 1: compiled programs do not check bounds. */
export function checkRows(rows: ArrayLike<number>, count: number, what: string): void {
  const wrong = Array.from(rows).find((row) => !(Number.isInteger(row) && row >= 0 && row < count));
  if (wrong !== undefined)
    throw new InklingError("INVALID_ARGUMENT", `${what}: row ${wrong} is out of range, expected 0 to ${count - 1}`);
}
