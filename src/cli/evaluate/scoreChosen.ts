import type { Backend } from "../../backends/index.ts";
import { type AnyDataset, allRows } from "../../datasets/index.ts";
import {
  type Answers,
  accuracyOf,
  answerImages,
  answerShifted,
  type Classifier,
  type EvaluationReport,
  isAmong,
  reportOf,
  type Score,
  type ShiftedAnswers,
  scoreOf,
  slicingsOf,
} from "../../evaluation/index.ts";
import type { Augmentation } from "../../report/describeRobustness.ts";
import type { Terminal } from "../terminal.ts";
import { type Chosen, duplicatesOf } from "./chooseImages.ts";
import { labelBoundsOf } from "./labelBounds.ts";
import type { EvaluateCommandOptions } from "./options.ts";
import { readMetadata } from "./readMetadata.ts";

/** How a model does on the chosen images. */
export interface Scored {
  readonly score: Score;
  readonly report: EvaluationReport;
  readonly answers: Answers;
  /** Shape [N]: whether an image is also a training image; undefined if that is not known. */
  readonly isTwin: readonly boolean[] | undefined;
  readonly augmentation: Augmentation | undefined;
  /** The scores of an ensemble's models alone. */
  readonly members: readonly Score[] | undefined;
  /** The time that the answers took. */
  readonly seconds: number;
  /** Whether the answer for each chosen row of a data set is right, 1 or 0: of the images scored, or of these corrupted. */
  readonly isRight: (images: AnyDataset) => Promise<ArrayLike<number>>;
}

/** Scores a model on the chosen images, with everything that the report on it is made from. */
export async function scoreChosen(
  trained: Classifier,
  chosen: Chosen,
  options: EvaluateCommandOptions & { readonly on: Backend; readonly threads: number },
  terminal: Terminal,
): Promise<Scored> {
  const { dataset, rows } = chosen;
  const { fold = false, on, threads } = options;
  const trainTestDuplicates = await duplicatesOf(chosen, options.duplicates, terminal);
  const answerRows = (images: AnyDataset, rows: ArrayLike<number>) =>
    answerImages(trained, images, { backend: on, threads, fold, rows });
  const answerOnce = (images: AnyDataset) => answerRows(images, rows);
  const answerMean = (images: AnyDataset) => answerShifted(images, answerOnce, trained.scaling);
  const started = performance.now();
  const shifted = options.tta && (await answerMean(dataset));
  const answers = shifted ?? (await answerOnce(dataset));
  const seconds = (performance.now() - started) / 1000;
  const plain = shifted?.plain ?? answers;
  const { labels, logits, correct } = answers;
  const { classes } = trained.model;
  const isTwin = trainTestDuplicates && isAmong(rows, trainTestDuplicates);
  const labelFixes = await labelBoundsOf(
    chosen,
    { classes, answers: plain, answer: (images) => answerRows(images, allRows(images)) },
    options,
  );
  const metadata = options.metadata === undefined ? [] : await readMetadata(options.metadata, dataset, rows);
  // Means over shifts have no calibration that was fitted for them.
  const calibration = options.tta ? undefined : trained.calibration;
  const report = reportOf({
    ...(calibration && { calibration }),
    ...(labelFixes && { labelFixes }),
    ...{ classes, labels, logits, rows, slicings: [...metadata, ...slicingsOf(dataset, rows)] },
    ...(dataset.names && { names: Array.from(rows, (row) => dataset.names![row]!) }),
    ...(isTwin && { isTwin }),
  });
  return {
    score: scoreOf(answers, labels, classes.length, isTwin),
    ...{ report, answers, isTwin, seconds },
    augmentation: shifted && augmentationOf(shifted),
    members: plain.members?.map((own) => scoreOf(own, own.labels, classes.length)),
    isRight: async (images) =>
      images === dataset ? correct : (await (shifted ? answerMean : answerOnce)(images)).correct,
  };
}

/** What test-time augmentation changes. */
function augmentationOf({ plain, predictions }: ShiftedAnswers): Augmentation {
  const right = plain.correct.reduce((sum, correct) => sum + correct, 0);
  return { by: "shifts", predictions, without: accuracyOf(right, plain.correct.length) };
}
