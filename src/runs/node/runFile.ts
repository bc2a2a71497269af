import { join } from "node:path";
import * as v from "valibot";
import { parseConfig } from "../../base/config.ts";
import { FORMAT_VERSION } from "../../base/formatVersion.ts";
import { writeFileAtomic } from "../../base/node/writeFile.ts";
import { validationOf } from "../../training/checkpoint.ts";
import type { EarlyStopping, StartEvent, TrainingIdentity, TrainResult } from "../../training/index.ts";
import { earlyStoppingSchema, monitorSchema } from "../../training/options.ts";
import { identitySchema, parseIdentity } from "../checkpointFile.ts";
import type { Environment } from "./environment.ts";
import { RUN_FILE, readRecord, resultSchema } from "./record.ts";

const text = v.string("a text");
const { fingerprint: _f, testFingerprint: _t, validation: _v, arithmetic: _a, ...fixed } = identitySchema.entries;
const { batchSize } = fixed;
const share = v.number("a number");
const runSchema = v.object({
  data: v.object({
    source: text,
    fingerprint: text,
    test: v.optional(text),
    testFingerprint: v.optional(text),
    resize: v.optional(v.tuple([v.number(), v.number()], "[height, width]")),
    fixes: v.optional(v.array(text, "a list of files")),
  }),
  recipe: v.optional(text),
  ...fixed,
  steps: batchSize,
  initFrom: v.optional(text),
  budget: v.optional(share),
  validateEvery: batchSize,
  dropoutInValidation: v.boolean("true or false"),
  monitor: v.optional(monitorSchema, "accuracy"),
  earlyStopping: v.optional(earlyStoppingSchema),
  backend: text,
  sessions: v.array(v.looseObject({ started: text, step: batchSize, arithmetic: text }), "a list of sessions"),
  result: v.optional(resultSchema),
});

/** Where a run's data come from. */
export interface RunSource {
  readonly source: string;
  /** A data set of its own for the test. */
  readonly test?: string;
  readonly resize?: readonly [height: number, width: number];
  /** Files of fixes that are applied to the data, one after another. */
  readonly fixes?: readonly string[];
}

/** Where a new run's data are from, the recipe that its model is of, and where its first weights are from. */
export type NewRun = RunSource & Pick<RunConfig, "recipe" | "initFrom" | "budget">;

/** How a run is made, with all options: enough to make it again. */
export interface RunConfig
  extends Omit<TrainingIdentity, "fingerprint" | "testFingerprint" | "validation" | "arithmetic"> {
  readonly data: RunSource & { readonly fingerprint: string; readonly testFingerprint?: string };
  readonly recipe?: string;
  /** The run or the file that its first weights are from; a copy of them is in the folder. */
  readonly initFrom?: string;
  /** The seconds that its steps were fitted to; the steps are what counts. */
  readonly budget?: number;
  readonly steps: number;
  readonly validateEvery: number;
  readonly dropoutInValidation: boolean;
  readonly monitor: "accuracy" | "loss";
  readonly earlyStopping?: EarlyStopping;
  readonly backend: string;
}

/** A time in which a run was trained without a stop. */
export interface Session extends Environment {
  /** ISO 8601 */
  readonly started: string;
  /** Steps that were done before. */
  readonly step: number;
}

/** What `run.json` holds. */
export interface RunRecord {
  readonly config: RunConfig;
  readonly sessions: readonly Session[];
  /** What it came to; not there while it is under way. */
  readonly result?: TrainResult;
}

/** Writes a run's record. Throws `FILE_SYSTEM`. */
export const writeRun = (folder: string, { config, sessions, result }: RunRecord): Promise<void> =>
  writeFileAtomic(
    join(folder, RUN_FILE),
    `${JSON.stringify({ formatVersion: FORMAT_VERSION, ...config, sessions, result }, null, 2)}\n`,
  );

/**
 * Reads a run's record, without its weights. Throws `NOT_FOUND`, `INVALID_DATA` where it is damaged, and
 * `UNKNOWN_FORMAT` where another version wrote it.
 */
export async function readRun(folder: string): Promise<RunRecord> {
  const json = await readRecord(folder);
  const { sessions, result, ...config } = parseConfig(runSchema, json, join(folder, RUN_FILE), "INVALID_DATA");
  const { data } = config;
  const identity = parseIdentity({ ...config, ...data, arithmetic: "fma" });
  return {
    config: { ...config, model: identity.model, optimizer: identity.optimizer },
    sessions,
    ...(result && { result }),
  } as unknown as RunRecord;
}

/** The record of a training's settings, and of where its data and its recipe are from. */
export function configOf(event: StartEvent, { recipe, initFrom, budget, ...source }: NewRun): RunConfig {
  const { steps, validateEvery, dropoutInValidation, monitor, earlyStopping, backend } = event;
  const { model, fingerprint, testFingerprint, validation: _, arithmetic: __, ...fixed } = event.identity;
  return {
    ...(recipe !== undefined && { recipe }),
    data: { ...source, fingerprint, ...(testFingerprint !== undefined && { testFingerprint }) },
    ...(budget !== undefined && { budget }),
    steps,
    ...fixed,
    ...(initFrom !== undefined && { initFrom }),
    ...{ validateEvery, dropoutInValidation, monitor },
    ...(earlyStopping && { earlyStopping }),
    backend,
    model,
  };
}

/** Where a run's data, its recipe and its first weights are from. */
export const sourceOf = ({ config: { data, recipe, initFrom, budget } }: RunRecord): NewRun => ({
  ...data,
  ...(recipe !== undefined && { recipe }),
  ...(initFrom !== undefined && { initFrom }),
  ...(budget !== undefined && { budget }),
});

/** The options of a training that a run's settings stand for, without its steps, its data and its first weights. */
export function optionsOf(config: RunConfig) {
  const { data: _d, recipe: _r, initFrom: _f, budget: _t, initialWeights: _w, model: _m, ...rest } = config;
  const { steps: _s, backend: _b, ...options } = rest;
  return options;
}

/** What fixed a run's weights, under some arithmetic. */
export function identityOf({ config }: RunRecord, arithmetic: TrainingIdentity["arithmetic"]): TrainingIdentity {
  const { model, data, initialWeights } = config;
  const { validateEvery: _e, dropoutInValidation: _d, monitor: _m, earlyStopping: _s, ...fixed } = optionsOf(config);
  const { fingerprint, testFingerprint } = data;
  return {
    model,
    fingerprint,
    ...(testFingerprint !== undefined && { testFingerprint }),
    ...fixed,
    ...validationOf(config.optimizer, config),
    ...(initialWeights !== undefined && { initialWeights }),
    arithmetic,
  };
}
