import { duration, percent, whole } from "../base/format.ts";
import type { AnyDataset, Split } from "../datasets/index.ts";
import type { PlanEvent, ProgressEvent, StartEvent, ValidationEvent } from "../training/index.ts";

/** What a row is made from: the validation, and the progress before it. */
interface Row {
  readonly start: StartEvent;
  readonly validation: ValidationEvent;
  readonly progress: ProgressEvent | undefined;
}

interface Column {
  readonly head: string;
  readonly cell: (row: Row) => string;
  /** The widest cell that a training of this length can have. */
  readonly width: (start: StartEvent) => number;
  /** Whether it needs validation images, or is shown only without them. */
  readonly validation?: boolean;
  /** Columns with larger numbers are left out first where the line is too narrow. */
  readonly rank: number;
}

const epochsOf = ({ batchSize, training }: StartEvent, steps: number): number => (steps * batchSize) / training;

/** Whole epochs need no fraction if there are many. */
function formatEpochs(start: StartEvent, steps: number): string {
  const all = epochsOf(start, start.steps);
  return epochsOf(start, steps).toFixed(all < 10 ? 2 : all < 1000 ? 1 : 0);
}

const formatSteps = ({ steps }: StartEvent, done: number): string => `${whole(done)}/${whole(steps)}`;

/** Five digits at most: 2.1034, 123.45, 1.2e+9. */
const formatLoss = (loss: number): string => (loss < 1e5 ? loss.toFixed(loss < 100 ? 4 : 1) : loss.toExponential(1));

const columns: readonly Column[] = [
  {
    head: "epoch",
    cell: ({ start, validation }) => formatEpochs(start, validation.step + 1),
    width: (start) => formatEpochs(start, start.steps).length,
    rank: 1,
  },
  {
    head: "step",
    cell: ({ start, validation }) => formatSteps(start, validation.step + 1),
    width: (start) => formatSteps(start, start.steps).length,
    rank: 0,
  },
  {
    head: "train loss",
    cell: ({ validation }) => formatLoss(validation.minibatchLoss),
    width: () => 7,
    rank: 2,
  },
  {
    head: "train acc",
    cell: ({ validation }) => `${percent(validation.minibatchAccuracy)} %`,
    width: () => 7,
    validation: false,
    rank: 0,
  },
  {
    head: "val loss",
    cell: ({ validation }) => formatLoss(validation.loss),
    width: () => 7,
    validation: true,
    rank: 1,
  },
  {
    head: "val acc",
    cell: ({ validation }) => `${percent(validation.accuracy)} %`,
    width: () => 7,
    validation: true,
    rank: 0,
  },
  {
    head: "images/s",
    cell: ({ progress }) => (progress ? whole(progress.imagesPerSecond) : ""),
    width: () => 9,
    rank: 3,
  },
  {
    head: "time left",
    cell: ({ progress }) => (progress ? duration(progress.secondsLeft) : ""),
    width: () => 11,
    rank: 0,
  },
];

/** The sizes of a split: 14,269 training, 1,778 validation, 1,760 test images (28×28×1, 10 classes) */
export const describeSizes = (
  { imageShape, classNames }: Pick<AnyDataset, "imageShape" | "classNames">,
  { training, validation, test }: Split,
): string =>
  `${whole(training.length)} training, ${whole(validation.length)} validation, ${whole(test.length)} test images (${imageShape.join("×")}, ${whole(classNames.length)} classes)`;

/** The lines of a training's log: a head, and one line per validation, that fit a number of characters. */
export class TrainingTable {
  #start: StartEvent;
  readonly #shown: readonly (Column & { readonly wide: number })[];
  #progress: ProgressEvent | undefined;
  #hasHead = false;

  constructor(start: StartEvent, fitting: number) {
    this.#start = start;
    const own = columns
      .filter(({ validation = start.validation > 0 }) => validation === start.validation > 0)
      .map((column) => ({ ...column, wide: Math.max(column.head.length, column.width(start)) }));
    const fits = (some: typeof own) => some.reduce((sum, { wide }) => sum + wide + 2, -2) <= fitting;
    const ranks = [3, 2, 1, 0].map((rank) => own.filter((column) => column.rank <= rank));
    this.#shown = ranks.find(fits) ?? ranks.at(-1)!;
  }

  progress(event: ProgressEvent): void {
    this.#progress = event;
  }

  /** Shows another number of steps in all from now on. */
  plan({ steps }: PlanEvent): void {
    this.#start = { ...this.#start, steps };
  }

  /** The line of a validation, after the head if it is the first. */
  validation(validation: ValidationEvent): readonly string[] {
    const row = { start: this.#start, validation, progress: this.#progress };
    const line = this.#line(({ cell }) => cell(row));
    if (this.#hasHead) return [line];
    this.#hasHead = true;
    return [this.#line(({ head }) => head), line];
  }

  #line(text: (column: Column) => string): string {
    return this.#shown.map((column) => text(column).padStart(column.wide)).join("  ");
  }
}
