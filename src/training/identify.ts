import { InklingError } from "../base/error.ts";
import { type AnyDataset, type Division, defaultKeepTogether, fingerprint } from "../datasets/index.ts";
import type { Model } from "../model/index.ts";
import { followsValidations } from "../optimizers/schedules/registry.ts";
import { type TrainingIdentity, validationOf } from "./checkpoint.ts";
import { classWeightsOf } from "./classWeights.ts";
import type { ResolvedOptions } from "./options.ts";

/** Throws `INVALID_ARGUMENT` where a training is to follow validations, and has none. */
export function checkFollowed(
  { validation }: Division["split"],
  { validateEvery, earlyStopping, optimizer }: ResolvedOptions,
): void {
  const follower = earlyStopping ? "earlyStopping" : "the schedule of learning rates";
  if (!earlyStopping && !followsValidations(optimizer.learningRate)) return;
  if (validateEvery === 0)
    throw new InklingError(
      "INVALID_ARGUMENT",
      `train: ${follower} follows validations, and validateEvery is 0; ask for at least 1`,
    );
  if (validation.length === 0)
    throw new InklingError(
      "INVALID_ARGUMENT",
      `train: ${follower} follows validations, and no images are left for them; make split.validation larger`,
    );
}

/** A weight for each class, where any are asked for. */
export const weightsOfClasses = (
  { classes }: Model,
  { labels }: AnyDataset,
  { split: { training } }: Division,
  { classWeights }: ResolvedOptions,
): readonly number[] | undefined =>
  classWeights &&
  classWeightsOf(
    classWeights,
    classes,
    Uint16Array.from(training, (row) => labels[row]!),
  );

/** What fixes the weights of a training. */
export async function identify(
  model: Model,
  dataset: AnyDataset,
  test: AnyDataset | undefined,
  options: ResolvedOptions & {
    readonly initial: string | undefined;
    readonly classWeights: readonly number[] | undefined;
  },
): Promise<TrainingIdentity> {
  const { batchSize, optimizer, seed, split, backend, gradientAccumulation, mixup, classWeights } = options;
  return {
    model,
    fingerprint: await fingerprint(dataset),
    ...(test && { testFingerprint: await fingerprint(test) }),
    batchSize,
    ...(gradientAccumulation > 1 && { gradientAccumulation }),
    ...(mixup > 0 && { mixup }),
    ...(classWeights && { classWeights }),
    optimizer,
    seed,
    split: { ...split, keepTogether: split.keepTogether ?? defaultKeepTogether(dataset) },
    ...validationOf(optimizer, options),
    ...(options.initial !== undefined && { initialWeights: options.initial }),
    arithmetic: backend.arithmetic,
  };
}
