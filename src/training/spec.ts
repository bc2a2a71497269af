import * as v from "valibot";
import type { Arithmetic } from "../backends/index.ts";
import { parseConfig, wholeNumber } from "../base/config.ts";
import type { ErrorCode } from "../base/error.ts";
import { optionRows, withoutOff } from "../base/optionTable.ts";
import { groupsOf, isRoundRobin } from "../compiler/groups.ts";
import type { Fit, ValueRange } from "../image/image.ts";
import { type Model, parseModel } from "../model/index.ts";
import type { OptimizerConfig } from "../optimizers/index.ts";
import { parseOptimizer } from "../optimizers/registry.ts";
import { followsValidations } from "../optimizers/schedules/registry.ts";
import { type Preparation, preparationSchema } from "../pictures/preparation.ts";
import { dataEntries, originEntries, settingEntries } from "./schema.ts";
import { defaultOptimizer, defaultValidateEvery, type TrainingSettings } from "./settings.ts";

/** Where the data of a training come from. */
export interface SourceSpec {
  /** A path, or the name of a data set to fetch. */
  readonly source: string;
  /** A separate test set. */
  readonly test?: string;
  /** A separate validation set. */
  readonly validation?: string;
  /** What images of other sizes are resized to. */
  readonly resize?: readonly [height: number, width: number];
  /** How images of another aspect ratio are resized. Default: `stretch`. */
  readonly fit?: Fit;
  /** The number of channels that images are converted to. Default: found over all images. */
  readonly channels?: 1 | 3;
  /** The stored numbers that become black and white. Default: found over all images. */
  readonly valueRange?: ValueRange;
  /** Whether what can be decoded of damaged JPEGs is used. Default: they are skipped. */
  readonly keepDamaged?: boolean;
  /** Where the names of image files say the class: see `openDataset`. */
  readonly classPattern?: string;
  /** Files of fixes that are applied to the data, one after another. */
  readonly fixes?: readonly string[];
}

/** The data of a training: where they come from, and what identifies them. */
export interface DataSpec extends SourceSpec {
  /** The data set's {@link fingerprint}, after its fixes. */
  readonly fingerprint: string;
  /** The fingerprint of the separate test set, if any. */
  readonly testFingerprint?: string;
  /** The fingerprint of the separate validation set, if any. */
  readonly validationFingerprint?: string;
  /** SHA-256 of the data set's `parts`, in lowercase hex, if the split that the source gives is used. */
  readonly partsFingerprint?: string;
  /** How the sources were read, for information. */
  readonly readings?: { readonly source?: string; readonly validation?: string; readonly test?: string };
}

/** The entries of a {@link DataSpec} that identify the data. */
const fingerprintNames = [
  "fingerprint",
  "testFingerprint",
  "validationFingerprint",
  "partsFingerprint",
] as const satisfies readonly (keyof DataSpec)[];

/** Whether two trainings have the same data, wherever these are. */
export const sameData = (a: DataSpec, b: DataSpec): boolean => fingerprintNames.every((name) => a[name] === b[name]);

/**
 * A training as plain data, from which it can be repeated anywhere, such as in a worker or on another machine. It
 * survives JSON unchanged. Unused settings are omitted.
 */
export interface TrainingSpec extends TrainingSettings {
  /** The recipe that the model and the settings come from. */
  readonly recipe?: string;
  readonly data: DataSpec;
  /** How pictures become inputs of the model. Follows from the data; files of earlier versions lack it. */
  readonly preparation?: Preparation;
  /** The time budget, in seconds, that the steps were chosen for. For information: `steps` is what counts. */
  readonly budget?: number;
  readonly steps: number;
  readonly batchSize: number;
  readonly optimizer: OptimizerConfig;
  readonly seed: number;
  readonly split: NonNullable<TrainingSettings["split"]>;
  readonly validateEvery: number;
  readonly dropoutInValidation: boolean;
  readonly monitor: "accuracy" | "loss";
  /** Whether the learning rate was chosen by trials (`chooseLearningRate`). For information: `optimizer` is what counts. */
  readonly chosenRate?: boolean;
  /** The run or file that the initial weights come from. For information: `initialWeights` is what counts. */
  readonly initFrom?: string;
  /** SHA-256 of the initial weights, if they come from another model: see {@link weightsSha256}. */
  readonly initialWeights?: string;
  /** The name of the back end. All back ends with the same arithmetic give the same weights. */
  readonly backend?: string;
  readonly model: Model;
}

const model = v.looseObject({}, "a model");
const specSchema = v.strictObject({
  recipe: originEntries.recipe,
  data: v.strictObject(dataEntries, "where the data are"),
  budget: originEntries.budget,
  ...settingEntries,
  chosenRate: originEntries.chosenRate,
  initFrom: originEntries.initFrom,
  initialWeights: originEntries.initialWeights,
  backend: originEntries.backend,
  preparation: v.optional(preparationSchema),
  model,
});

const settingNames = Object.keys(settingEntries) as readonly (keyof typeof settingEntries)[];
const settingRows = optionRows(settingEntries);
/** The settings that always determine the weights; those of validation do so only if the schedule depends on it. */
const fixingNames = settingNames.filter(
  (name) =>
    name === "optimizer" || settingRows.some((row) => row.fixesWeights === true && row.path.split(".")[0] === name),
);

/** The named entries of a record that are defined, in the order of the names. */
const pick = <K extends string>(
  record: { readonly [name in K]?: unknown },
  names: readonly K[],
): Readonly<Record<string, unknown>> =>
  Object.fromEntries(names.flatMap((name) => (record[name] === undefined ? [] : [[name, record[name]]])));

/** A spec in the form that files use: keys in a fixed, readable order, without unused settings. */
export const normalSpec = (spec: TrainingSpec): TrainingSpec =>
  pick(
    withoutOff(spec, settingRows),
    Object.keys(specSchema.entries) as (keyof TrainingSpec)[],
  ) as unknown as TrainingSpec;

/** A record with its model and optimizer checked by their own schemas. */
const withParts = <R extends { readonly model: unknown; readonly optimizer?: unknown }>(record: R) => ({
  ...record,
  optimizer: record.optimizer === undefined ? defaultOptimizer() : parseOptimizer(record.optimizer as OptimizerConfig),
  model: parseModel(record.model),
});

/**
 * A training from JSON, checked, with defaults filled in. Throws an error with `code` (default: `INVALID_ARGUMENT`)
 * whose message begins with `what` and names the setting and what was expected; `INVALID_MODEL` for an invalid model or
 * optimizer.
 */
export function parseTrainingSpec(
  json: unknown,
  what = "training",
  code: ErrorCode = "INVALID_ARGUMENT",
): TrainingSpec {
  const parsed = parseConfig(specSchema, json, what, code);
  const { validateEvery = defaultValidateEvery(parsed.steps) } = parsed;
  return normalSpec(withParts({ ...parsed, validateEvery }) as TrainingSpec);
}

const originNames = ["recipe", "initFrom", "budget", "chosenRate"] as const;

/** Where a training comes from: names of its recipe, data and initial weights, which do not affect the result. */
export type TrainingOrigin = SourceSpec & Pick<TrainingSpec, (typeof originNames)[number]>;

/** The same training with a different origin. */
export function withOrigin(spec: TrainingSpec, origin: TrainingOrigin): TrainingSpec {
  const { recipe: _r, initFrom: _i, budget: _b, chosenRate: _c, ...data } = origin;
  return normalSpec({ ...spec, ...pick(origin, originNames), data: { ...spec.data, ...data } });
}

/** The origin of a training. */
export const originOf = (spec: TrainingSpec): TrainingOrigin => ({ ...spec.data, ...pick(spec, originNames) });

/** The options with which `train` runs the training of a spec, given its model, data and initial weights. */
export const optionsOf = (spec: TrainingSpec): TrainingSettings & { readonly backend?: string } =>
  pick(spec, [...settingNames, "backend"]);

/** Everything that determines the weights after a given number of steps: the same identity gives the same bits. */
export interface TrainingIdentity
  extends Omit<TrainingSettings, "steps" | "validateEvery" | "dropoutInValidation" | "monitor" | "earlyStopping"> {
  readonly model: Model;
  /** The data set's {@link fingerprint}. */
  readonly fingerprint: string;
  /** The fingerprints of separate sets, if any, and of the split that the source gives, if it is used. */
  readonly testFingerprint?: string;
  readonly validationFingerprint?: string;
  readonly partsFingerprint?: string;
  readonly batchSize: number;
  readonly optimizer: OptimizerConfig;
  readonly seed: number;
  readonly split: NonNullable<TrainingSettings["split"]>;
  /** How it validates, if the learning rate depends on validations. */
  readonly validation?: { readonly every: number; readonly dropout: boolean };
  /** SHA-256 of the initial weights, if they come from another model: see `weightsSha256`. */
  readonly initialWeights?: string;
  readonly arithmetic: Arithmetic;
  /**
   * The number of partial sums of the gradients, if it does not divide the batch size. Absent for other batch sizes,
   * and in files written when such a batch had a single sum.
   */
  readonly gradientGroups?: number;
}

/** The number of sums in which the gradients of the samples that run together are added up; undefined for equal groups. */
export function gradientGroupsOf({
  batchSize,
  gradientAccumulation = 1,
}: Pick<TrainingSpec, "batchSize" | "gradientAccumulation">): number | undefined {
  const batch = batchSize / gradientAccumulation;
  return isRoundRobin(batch) ? groupsOf(batch).count : undefined;
}

/** The identity of a training on a back end with the given arithmetic. */
export function identityOf(spec: TrainingSpec, arithmetic: Arithmetic): TrainingIdentity {
  const { data, validateEvery: every, dropoutInValidation: dropout } = spec;
  const gradientGroups = gradientGroupsOf(spec);
  const fixed = {
    model: spec.model,
    ...pick(data, fingerprintNames),
    ...pick(spec, fixingNames),
    ...(followsValidations(spec.optimizer.learningRate) && { validation: { every, dropout } }),
    ...pick(spec, ["initialWeights"]),
    arithmetic,
    ...(gradientGroups !== undefined && { gradientGroups }),
  };
  return fixed as TrainingIdentity;
}

/**
 * What a training is besides its seed, as text: the same for trainings that differ in the seed alone, wherever their data are
 * and whatever back end they ran on.
 */
export function settingsBesideSeed(spec: TrainingSpec): string {
  const { seed: _, ...identity } = identityOf(spec, "fma");
  const { steps, earlyStopping } = spec;
  return JSON.stringify({ ...identity, steps, earlyStopping });
}

const identitySchema = v.object({
  model,
  ...pick(dataEntries, fingerprintNames),
  ...pick(settingEntries, fixingNames),
  validation: v.optional(v.object({ every: wholeNumber, dropout: v.boolean("true or false") }, "how it validates")),
  initialWeights: originEntries.initialWeights,
  arithmetic: v.picklist(["fma", "mul-add"], "fma or mul-add"),
  gradientGroups: v.optional(wholeNumber),
});

/** An identity from a file's JSON, checked. Throws `INVALID_DATA` naming the setting, or `INVALID_MODEL`. */
export function parseIdentity(json: unknown, what: string): TrainingIdentity {
  const parsed = parseConfig(identitySchema, json, what, "INVALID_DATA") as { readonly model: unknown };
  return withoutOff(withParts(parsed), settingRows) as TrainingIdentity;
}
