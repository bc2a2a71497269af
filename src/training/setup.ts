import { sizeOf } from "../base/shape.ts";
import { type AnyDataset, type Division, divide, readImages } from "../datasets/index.ts";
import { Engine } from "../engine/engine.ts";
import { EVALUATION_BATCH, type LabelledImages } from "../engine/feed.ts";
import {
  type EvaluationProgram,
  evaluationProgram,
  type TrainingProgram,
  trainingProgram,
} from "../engine/programs.ts";
import { startFrom, writeState } from "../engine/session.ts";
import { checkDataset, labelledImages } from "../evaluation/index.ts";
import { initialWeights, type Model } from "../model/index.ts";
import { learnPreparation, type Preparation } from "../pictures/index.ts";
import { checkResume, type TrainingIdentity } from "./checkpoint.ts";
import { checkFollowed, identify, weightsOfClasses } from "./identify.ts";
import { type Initialization, initializeFrom } from "./initialize.ts";
import type { ResolvedOptions, TrainOptions } from "./options.ts";
import { weightsSha256 } from "./weightsSha256.ts";

/** The most steps in one call of the compiled program. */
const MAX_STEPS = 64;

/** The most bytes of images that wait for a call, but at least one step's. */
const MAX_FED = 2 ** 24;

/** A training that is ready for its next step. */
export interface Setup {
  readonly engine: Engine;
  readonly train: TrainingProgram;
  readonly evaluate: EvaluationProgram;
  /** The program that validates: with dropout where that is asked for. */
  readonly validate: EvaluationProgram;
  readonly division: Division;
  /** The images that the division's rows are of. */
  readonly data: LabelledImages;
  readonly identity: TrainingIdentity;
  readonly preparation: Preparation;
  /** What the first weights took from another model. */
  readonly initialization?: Initialization | undefined;
}

/** Compiles the model, and puts data and state in place: first weights, or those of a checkpoint. */
export async function setUp(
  model: Model,
  dataset: AnyDataset,
  options: ResolvedOptions,
  { test, resume, initFrom }: TrainOptions,
): Promise<Setup> {
  checkDataset(model, dataset);
  if (test) checkDataset(model, test, "the test set");
  const { seed, split } = options;
  const division = divide(dataset, test, { ...split, seed });
  const data = { ...together(dataset, test), classWeights: weightsOfClasses(model, dataset, division, options) };
  checkFollowed(division.split, options);
  const { train, evaluate, validate } = programs(model, options);
  const first = initialWeights(train.weights, seed);
  const initialization = initFrom && initializeFrom(model, train.weights, first, initFrom);
  // A checkpoint goes on from where the first weights have led, so it does not need them again.
  const initial = initialization ? await weightsSha256(initialization.weights) : resume?.identity.initialWeights;
  const identity = await identify(model, dataset, test, { ...options, initial, classWeights: data.classWeights });
  if (resume) checkResume(resume, identity, options);
  const specs = new Set([train.spec, evaluate.spec, validate.spec]);
  const engine = await Engine.create([...specs], options.backend, options.threads);
  if (resume) writeState(engine, train, resume.state);
  else startFrom(engine, train, initialization?.weights ?? first);
  const preparation = learnPreparation(dataset);
  return { engine, train, evaluate, validate, division, data, identity, preparation, initialization };
}

/** The programs of a training. */
export function programs(model: Model, options: ResolvedOptions) {
  const { optimizer, dropoutInValidation, gradientAccumulation: accumulation, mixup, classWeights } = options;
  const batchSize = options.batchSize / accumulation;
  const stepBytes = batchSize * sizeOf(model.input) * (mixup > 0 ? 2 : 1);
  const steps = Math.max(1, Math.min(MAX_STEPS, Math.floor(MAX_FED / stepBytes)));
  const weighted = classWeights !== undefined;
  const train = trainingProgram(model, { batchSize, optimizer, steps, accumulation, mixup, weighted });
  const shared = { batchSize: EVALUATION_BATCH, averages: optimizer.averageDecay > 0 };
  const evaluate = evaluationProgram(model, shared);
  const validate = dropoutInValidation
    ? evaluationProgram(model, { ...shared, dropout: true, name: "validate" })
    : evaluate;
  return { train, evaluate, validate };
}

/** All images, those of a test set of its own after the others. */
function together(dataset: AnyDataset, test: AnyDataset | undefined): LabelledImages {
  if (!test) return labelledImages(dataset);
  const first = dataset.labels.length;
  const labels = new Uint16Array(first + test.labels.length);
  labels.set(dataset.labels);
  labels.set(test.labels, first);
  // All rows of a call are of one split, so they are in one of the two.
  const read: LabelledImages["read"] = (rows, target) => {
    if (rows[0]! < first) return readImages(dataset, rows, target);
    readImages(
      test,
      Uint32Array.from(rows, (row) => row - first),
      target,
    );
  };
  return { labels, read };
}
