import { InklingError } from "../base/error.ts";
import { quoted } from "../base/printable.ts";
import { sizeOf } from "../base/shape.ts";
import { type AnyDataset, alignClasses, type Division, learnPreparation } from "../datasets/index.ts";
import { countLabels } from "../datasets/statistics.ts";
import { Engine } from "../engine/engine.ts";
import { EVALUATION_BATCH, type LabeledImages, type Weights } from "../engine/feed.ts";
import {
  type EvaluationProgram,
  evaluationProgram,
  type TrainingProgram,
  trainingProgram,
} from "../engine/programs.ts";
import { startFrom, writeState } from "../engine/session.ts";
import { checkDataset } from "../evaluation/index.ts";
import { initialWeights, type Model } from "../model/index.ts";
import type { Preparation } from "../pictures/index.ts";
import { checkResume } from "./checkpoint.ts";
import { classWeightsOf } from "./classWeights.ts";
import { type Initialization, initializeFrom } from "./initialize.ts";
import { type Guess, guessOf } from "./learning/guess.ts";
import { checkFollowed } from "./monitor.ts";
import type { ResolvedOptions, TrainOptions } from "./options.ts";
import { identityOf, normalSpec, type TrainingIdentity, type TrainingSpec } from "./spec.ts";
import { dataOf, TrainingData } from "./trainingData.ts";
import { weightsSha256 } from "./weightsSha256.ts";

/** The maximum number of steps in one call of the compiled program. */
const MAX_STEPS = 64;

/** The maximum bytes of images passed to one call, unless a single step needs more. */
const MAX_FED = 2 ** 24;

/** A training ready to run its next step. */
export interface Setup {
  /** The options, completed with what depends on the data. */
  readonly options: ResolvedOptions;
  /** The training as plain data, and the part that determines the weights. */
  readonly spec: TrainingSpec;
  readonly identity: TrainingIdentity;
  readonly engine: Engine;
  readonly train: TrainingProgram;
  readonly evaluate: EvaluationProgram;
  /** The program for validation, with dropout if `dropoutInValidation`. */
  readonly validate: EvaluationProgram;
  readonly division: Division;
  /** What makes the scores of the split misleading. */
  readonly warnings: readonly string[];
  /** The images that the division's rows refer to. */
  readonly data: LabeledImages;
  readonly preparation: Preparation;
  /** The initial weights taken from another model. */
  readonly initialization?: Initialization | undefined;
  /** The best guesses for the training images: their losses as in training, and as in validation, neither weighted nor smoothed. */
  readonly guess: Guess;
  readonly plainGuess: Guess;
  /** All initial weights; undefined if some come from another model that a resumed training was not given. */
  readonly initial?: Weights | undefined;
}

/**
 * Compiles the model, splits the data, and loads the initial weights or the state of a checkpoint. Throws `INVALID_DATA` if
 * all training images are of one class, and as {@link checkDataset}, {@link checkFollowed}, {@link checkResume} and
 * {@link initializeFrom} do.
 */
export async function setUp(
  model: Model,
  from: AnyDataset | TrainingData,
  resolved: ResolvedOptions,
  given: TrainOptions,
): Promise<Setup> {
  const { resume, initFrom, test, validation } = given;
  const sets = from instanceof TrainingData ? from : { dataset: from, test, validation };
  checkDataset(model, sets.dataset);
  const separate = { "the test set": sets.test, "the validation set": sets.validation };
  for (const [what, set] of Object.entries(separate))
    if (set) checkDataset(model, alignClasses(set, model.classes, what), what);
  const data = dataOf(from, given);
  const counts = countLabels(data.trainingLabels, model.classes.length);
  checkClasses(counts, model);
  const options = optionsFor(data, model, resolved);
  checkFollowed(data.division.split, options);
  const { train, evaluate, validate } = programs(model, options);
  const first = initialWeights(train.weights, options.seed);
  const initialization = initFrom && initializeFrom(model, train.weights, first, initFrom);
  // A checkpoint has the checksum of its initial weights, so it can be resumed without them.
  const initial = initialization ? await weightsSha256(initialization.weights) : resume?.identity.initialWeights;
  const preparation = learnPreparation(data.dataset);
  const spec = normalSpec({
    ...options,
    data: await data.spec,
    preparation,
    ...(initial !== undefined && { initialWeights: initial }),
    backend: options.backend.name,
    model,
  });
  const identity = identityOf(spec, options.backend.arithmetic);
  if (resume) checkResume(resume, identity, options);
  const specs = new Set([train.spec, evaluate.spec, validate.spec]);
  const engine = await Engine.create([...specs], options.backend, options.threads);
  if (resume) writeState(engine, train, resume.state);
  else startFrom(engine, train, initialization?.weights ?? first);
  const classWeights = options.classWeights as readonly number[] | undefined;
  const { labelSmoothing = model.labelSmoothing } = options;
  return {
    ...{ options, spec, identity, engine, train, evaluate, validate, initialization },
    initial: initialization?.weights ?? (initial === undefined ? first : undefined),
    guess: guessOf(counts, { labelSmoothing, classWeights }),
    plainGuess: guessOf(counts),
    division: data.division,
    warnings: data.warnings(options.batchSize),
    data: { ...data.images, classWeights },
    preparation,
  };
}

/** Sets up a training for `use` alone, such as measurements, and frees it afterwards. Throws as {@link setUp} does. */
export async function withSetup<T>(
  use: (setup: Setup) => Promise<T>,
  ...training: Parameters<typeof setUp>
): Promise<T> {
  const setup = await setUp(...training);
  try {
    return await use(setup);
  } finally {
    setup.engine.close();
  }
}

/** Throws `INVALID_DATA` if all training images are of one class: nothing can be learned from them. */
function checkClasses(counts: Uint32Array, { classes }: Model): void {
  const [only, ...others] = [...counts.keys()].filter((k) => counts[k]! > 0);
  if (only === undefined || others.length > 0) return;
  throw new InklingError(
    "INVALID_DATA",
    `train: all ${counts[only]} training images are of the class ${quoted(classes[only])}, expected images of at least two classes`,
  );
}

/** The options, completed with how the data were split and, if there are any, the class weights [K]. */
function optionsFor(data: TrainingData, { classes }: Model, options: ResolvedOptions): ResolvedOptions {
  const { seed, split } = data;
  const { classWeights } = options;
  const weights = classWeights && classWeightsOf(classWeights, classes, data.trainingLabels);
  return { ...options, seed, split, ...(weights && { classWeights: weights }) };
}

/** The programs of a training. */
export function programs(model: Model, options: ResolvedOptions) {
  const { optimizer, dropoutInValidation, gradientAccumulation: accumulation, mixup, classWeights } = options;
  const { labelSmoothing = model.labelSmoothing } = options;
  const batchSize = options.batchSize / accumulation;
  const stepBytes = batchSize * sizeOf(model.input) * (mixup > 0 ? 2 : 1);
  const steps = Math.max(1, Math.min(MAX_STEPS, Math.floor(MAX_FED / stepBytes)));
  const weighted = classWeights !== undefined;
  const train = trainingProgram(
    { ...model, labelSmoothing },
    { batchSize, optimizer, steps, accumulation, mixup, weighted },
  );
  const shared = { batchSize: EVALUATION_BATCH, averages: optimizer.averageDecay > 0 };
  const evaluate = evaluationProgram(model, shared);
  const validate = dropoutInValidation
    ? evaluationProgram(model, { ...shared, dropout: true, name: "validate" })
    : evaluate;
  return { train, evaluate, validate };
}
