import * as v from "valibot";
import type { Arithmetic } from "../backends/index.ts";
import { parseConfig, wholeNumber } from "../base/config.ts";
import type { ErrorCode } from "../base/error.ts";
import { optionRows, withoutOff } from "../base/optionTable.ts";
import { groupsOf, isRoundRobin } from "../compiler/groups.ts";
import { type Model, parseModel } from "../model/index.ts";
import type { OptimizerConfig } from "../optimizers/index.ts";
import { parseOptimizer } from "../optimizers/registry.ts";
import { followsValidations } from "../optimizers/schedules/registry.ts";
import { dataEntries, originEntries, settingEntries } from "./schema.ts";
import { defaultOptimizer, type TrainingSettings } from "./settings.ts";

/** Where the data of a training are. */
export interface SourceSpec {
  /** A path, or the name of a data set to fetch. */
  readonly source: string;
  /** A data set of its own for the test. */
  readonly test?: string;
  /** What images of other sizes are resized to. */
  readonly resize?: readonly [height: number, width: number];
  /** Files of fixes that are applied to the data, one after another. */
  readonly fixes?: readonly string[];
}

/** The data of a training: where they are, and what identifies them. */
export interface DataSpec extends SourceSpec {
  /** The data set's {@link fingerprint}, after its fixes. */
  readonly fingerprint: string;
  /** That of the data set for the test, where it is one of its own. */
  readonly testFingerprint?: string;
}

/**
 * A training as plain data, from which it can be made anywhere: on another machine, by a worker, again. It is the same
 * as JSON. Settings that are not used are left out.
 */
export interface TrainingSpec extends TrainingSettings {
  /** The recipe that the model and the settings are of. */
  readonly recipe?: string;
  readonly data: DataSpec;
  /** The seconds that the steps were fitted to; the steps are what counts. */
  readonly budget?: number;
  readonly steps: number;
  readonly batchSize: number;
  readonly optimizer: OptimizerConfig;
  readonly seed: number;
  readonly split: NonNullable<TrainingSettings["split"]>;
  readonly validateEvery: number;
  readonly dropoutInValidation: boolean;
  readonly monitor: "accuracy" | "loss";
  /** The run or the file that the first weights are from, for people. */
  readonly initFrom?: string;
  /** SHA-256 of the weights that it starts from, where they are another model's: see {@link weightsSha256}. */
  readonly initialWeights?: string;
  /** The back end that it is trained on; all give the same weights. */
  readonly backend?: string;
  readonly model: Model;
}

const model = v.looseObject({}, "a model");
const specSchema = v.strictObject({
  recipe: originEntries.recipe,
  data: v.strictObject(dataEntries, "where the data are"),
  budget: originEntries.budget,
  ...settingEntries,
  initFrom: originEntries.initFrom,
  initialWeights: originEntries.initialWeights,
  backend: originEntries.backend,
  model,
});

const settingNames = Object.keys(settingEntries) as readonly (keyof typeof settingEntries)[];
const settingRows = optionRows(settingEntries);
/** The settings that fix weights wherever they are; how a training validates does so only if learning rates follow it. */
const fixingNames = settingNames.filter(
  (name) =>
    name === "optimizer" || settingRows.some((row) => row.fixesWeights === true && row.path.split(".")[0] === name),
);

/** Those entries of a record that have a value, in the order of the names. */
const pick = <K extends string>(
  record: { readonly [name in K]?: unknown },
  names: readonly K[],
): Readonly<Record<string, unknown>> =>
  Object.fromEntries(names.flatMap((name) => (record[name] === undefined ? [] : [[name, record[name]]])));

/** A spec as files have it: keys in the order that is the easiest to read, and nothing that is not used. */
export const normalSpec = (spec: TrainingSpec): TrainingSpec =>
  pick(
    withoutOff(spec, settingRows),
    Object.keys(specSchema.entries) as (keyof TrainingSpec)[],
  ) as unknown as TrainingSpec;

/** With the model and the optimizer checked, which have schemas of their own. */
const withParts = (record: { readonly model: unknown; readonly optimizer?: unknown }) => ({
  ...record,
  optimizer: record.optimizer === undefined ? defaultOptimizer : parseOptimizer(record.optimizer as OptimizerConfig),
  model: parseModel(record.model),
});

/**
 * A training from JSON: checked, with defaults. Throws with `code` (`INVALID_ARGUMENT`) naming the setting, and what
 * was expected, after `what`; `INVALID_MODEL` for a model or an optimizer that cannot be.
 */
export const parseTrainingSpec = (
  json: unknown,
  what = "training",
  code: ErrorCode = "INVALID_ARGUMENT",
): TrainingSpec => normalSpec(withParts(parseConfig(specSchema, json, what, code)) as TrainingSpec);

/** Where a training comes from, as people know it. */
export type TrainingOrigin = SourceSpec & Pick<TrainingSpec, "recipe" | "initFrom" | "budget">;

/** The same training with the names by which people know where it comes from. */
export const withOrigin = (spec: TrainingSpec, { recipe, initFrom, budget, ...data }: TrainingOrigin): TrainingSpec =>
  normalSpec({
    ...spec,
    ...pick({ recipe, initFrom, budget }, ["recipe", "initFrom", "budget"]),
    data: { ...spec.data, ...data },
  });

/** Where a training comes from. */
export const originOf = ({ recipe, initFrom, budget, data }: TrainingSpec): TrainingOrigin => ({
  ...data,
  ...pick({ recipe, initFrom, budget }, ["recipe", "initFrom", "budget"]),
});

/** The options by which `train` makes the training of a spec, given its model, its data and its first weights. */
export const optionsOf = (spec: TrainingSpec): TrainingSettings & { readonly backend?: string } =>
  pick(spec, [...settingNames, "backend"]);

/** What fixes the weights after any number of steps: trainings with the same identity give the same, bit for bit. */
export interface TrainingIdentity
  extends Omit<TrainingSettings, "steps" | "validateEvery" | "dropoutInValidation" | "monitor" | "earlyStopping"> {
  readonly model: Model;
  /** The data set's {@link fingerprint}. */
  readonly fingerprint: string;
  /** That of the data set for the test, where it is one of its own. */
  readonly testFingerprint?: string;
  readonly batchSize: number;
  readonly optimizer: OptimizerConfig;
  readonly seed: number;
  readonly split: NonNullable<TrainingSettings["split"]>;
  /** How it validates, where the learning rate follows validations. */
  readonly validation?: { readonly every: number; readonly dropout: boolean };
  /** SHA-256 of the weights that it starts from, where they are another model's: see `weightsSha256`. */
  readonly initialWeights?: string;
  readonly arithmetic: Arithmetic;
  /**
   * In how many sums gradients are added up where that is not a divisor of the batch size. Not there for other batch
   * sizes, nor in files of the time when such a batch was one sum.
   */
  readonly gradientGroups?: number;
}

/** What of a training fixes its weights, under some arithmetic. */
export function identityOf(spec: TrainingSpec, arithmetic: Arithmetic): TrainingIdentity {
  const { data, validateEvery: every, dropoutInValidation: dropout } = spec;
  const fixed = {
    model: spec.model,
    ...pick(data, ["fingerprint", "testFingerprint"]),
    ...pick(spec, fixingNames),
    ...(followsValidations(spec.optimizer.learningRate) && { validation: { every, dropout } }),
    ...pick(spec, ["initialWeights"]),
    arithmetic,
    ...(isRoundRobin(spec.batchSize) && { gradientGroups: groupsOf(spec.batchSize).count }),
  };
  return fixed as TrainingIdentity;
}

const identitySchema = v.object({
  model,
  fingerprint: dataEntries.fingerprint,
  testFingerprint: dataEntries.testFingerprint,
  ...pick(settingEntries, fixingNames),
  validation: v.optional(v.object({ every: wholeNumber, dropout: v.boolean("true or false") }, "how it validates")),
  initialWeights: originEntries.initialWeights,
  arithmetic: v.picklist(["fma", "mul-add"], "fma or mul-add"),
  gradientGroups: v.optional(wholeNumber),
});

/** An identity from a file, checked. Throws `INVALID_DATA` or `INVALID_MODEL`. */
export function parseIdentity(json: unknown, what: string): TrainingIdentity {
  const parsed = parseConfig(identitySchema, json, what, "INVALID_DATA") as { readonly model: unknown };
  return withoutOff(withParts(parsed), settingRows) as TrainingIdentity;
}
