import { type Dataset, fingerprint, type Split, splitDataset } from "../datasets/index.ts";
import { learnPreparation, type Preparation } from "../datasets/prepare/index.ts";
import { Engine } from "../engine/engine.ts";
import {
  type EvaluationProgram,
  evaluationProgram,
  type TrainingProgram,
  trainingProgram,
} from "../engine/programs.ts";
import { loadData, startFrom, writeState } from "../engine/session.ts";
import { checkDataset, EVALUATION_BATCH } from "../evaluation/index.ts";
import { initialWeights, type Model } from "../model/index.ts";
import { checkResume, type TrainingIdentity } from "./checkpoint.ts";
import type { ResolvedOptions, TrainOptions } from "./options.ts";

/** The most steps in one call of the compiled program. */
export const MAX_STEPS = 64;

/** A training that is ready for its next step. */
export interface Setup {
  readonly engine: Engine;
  readonly train: TrainingProgram;
  readonly evaluate: EvaluationProgram;
  /** The program that validates: with dropout where that is asked for. */
  readonly validate: EvaluationProgram;
  readonly split: Split;
  readonly labels: Uint16Array;
  readonly identity: TrainingIdentity;
  readonly preparation: Preparation;
}

/** Compiles the model, and puts data and state in place: first weights, or those of a checkpoint. */
export async function setUp(
  model: Model,
  dataset: Dataset,
  options: ResolvedOptions,
  { test, resume }: TrainOptions,
): Promise<Setup> {
  checkDataset(model, dataset);
  if (test) checkDataset(model, test, "the test set");
  const { labels, split } = withTest(dataset, test, splitDataset(dataset, { ...options.split, seed: options.seed }));
  const identity = await identify(model, dataset, test, options);
  if (resume) checkResume(resume, identity, options);
  const { train, evaluate, validate } = programs(model, labels.length, options);
  const specs = new Set([train.spec, evaluate.spec, validate.spec]);
  const engine = await Engine.create([...specs], options.backend);
  loadData(engine, train, dataset);
  if (test) loadData(engine, train, test, dataset.labels.length);
  if (resume) writeState(engine, train, resume.state);
  else startFrom(engine, train, initialWeights(train.weights, options.seed));
  const preparation = learnPreparation(dataset);
  return { engine, train, evaluate, validate, split, labels, identity, preparation };
}

function programs(model: Model, dataSize: number, { batchSize, optimizer, dropoutInValidation }: ResolvedOptions) {
  const train = trainingProgram(model, { batchSize, optimizer, dataSize, steps: MAX_STEPS });
  const shared = { batchSize: EVALUATION_BATCH, dataSize, averages: optimizer.averageDecay > 0 };
  const evaluate = evaluationProgram(model, shared);
  const validate = dropoutInValidation
    ? evaluationProgram(model, { ...shared, dropout: true, name: "validate" })
    : evaluate;
  return { train, evaluate, validate };
}

async function identify(
  model: Model,
  dataset: Dataset,
  test: Dataset | undefined,
  { batchSize, optimizer, seed, split, backend }: ResolvedOptions,
): Promise<TrainingIdentity> {
  return {
    model,
    fingerprint: await fingerprint(dataset),
    ...(test && { testFingerprint: await fingerprint(test) }),
    batchSize,
    optimizer,
    seed,
    split,
    arithmetic: backend.arithmetic,
  };
}

/** The split, and all labels, with those of a test set of its own after the others. */
function withTest(
  dataset: Dataset,
  test: Dataset | undefined,
  split: Split,
): { readonly labels: Uint16Array; readonly split: Split } {
  if (!test) return { labels: dataset.labels, split };
  const first = dataset.labels.length;
  const labels = new Uint16Array(first + test.labels.length);
  labels.set(dataset.labels);
  labels.set(test.labels, first);
  return { labels, split: { ...split, test: Uint32Array.from(test.labels, (_, i) => first + i) } };
}
