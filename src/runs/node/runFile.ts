import { cpus } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import { parseConfig, wholeNumber } from "../../base/config.ts";
import { FORMAT_VERSION, VERSION } from "../../base/formatVersion.ts";
import { writeFileAtomic } from "../../base/node/writeFile.ts";
import type { LearningEvent, StartEvent, TrainingSpec, TrainResult } from "../../training/index.ts";
import { parseTrainingSpec } from "../../training/spec.ts";
import { withFormerSplit } from "../checkpointFile.ts";
import { type DataPlaces, placesSchema } from "./dataPlaces.ts";
import { RUN_FILE, readRecord, resultSchema } from "./record.ts";

/** The software and hardware that a run was trained with. */
export interface Environment {
  readonly inkling: string;
  readonly node: string;
  readonly platform: string;
  /** The model name of the processor. */
  readonly cpu: string;
  readonly backend: string;
  /** The external compiler that the back end uses, if any. */
  readonly compiler?: string;
  readonly arithmetic: StartEvent["arithmetic"];
  readonly threads: number;
}

/** A period of uninterrupted training. */
export interface Session extends Environment {
  /** In ISO 8601. */
  readonly started: string;
  /** Steps done before it. */
  readonly step: number;
}

/** The contents of `run.json`. */
export interface RunRecord {
  /** The training with all its settings: enough to repeat it. */
  readonly config: TrainingSpec;
  readonly sessions: readonly Session[];
  /** The latest news about whether it learns, if there was any. */
  readonly learning?: Omit<LearningEvent, "type">;
  /** Where the data were; absent in older runs. */
  readonly places?: DataPlaces;
  /** The result; absent while the run is in progress. */
  readonly result?: TrainResult;
}

const text = v.string("a text");
const progressSchema = v.object({
  sessions: v.array(v.looseObject({ started: text, step: wholeNumber, arithmetic: text }), "a list of sessions"),
  learning: v.optional(v.looseObject({ step: wholeNumber, status: text, guessLoss: v.number("a number") })),
  places: v.optional(placesSchema),
  result: v.optional(resultSchema),
});

/** A session that starts now in this process. */
export const sessionOf = ({ step, backend, compiler, arithmetic, threads }: StartEvent): Session => ({
  started: new Date().toISOString(),
  step,
  inkling: VERSION,
  node: process.version,
  platform: `${process.platform}-${process.arch}`,
  cpu: cpus()[0]?.model.trim() || "unknown",
  backend,
  ...(compiler !== undefined && { compiler }),
  arithmetic,
  threads,
});

/** Writes a run's record. Throws `FILE_SYSTEM`. */
export const writeRun = (folder: string, { config, sessions, places, learning, result }: RunRecord): Promise<void> =>
  writeFileAtomic(
    join(folder, RUN_FILE),
    `${JSON.stringify({ formatVersion: FORMAT_VERSION, ...config, sessions, places, learning, result }, null, 2)}\n`,
  );

/**
 * Reads a run's record, without its weights. Throws `NOT_FOUND`, `INVALID_DATA` if it is damaged, and `UNKNOWN_FORMAT`
 * if its version is not supported.
 */
export async function readRun(folder: string): Promise<RunRecord> {
  const path = join(folder, RUN_FILE);
  const { formatVersion: _, sessions, places, learning, result, ...config } = await readRecord(folder);
  const training = parseTrainingSpec(withFormerSplit(config), path, "INVALID_DATA");
  const progress = parseConfig(progressSchema, { sessions, places, learning, result }, path, "INVALID_DATA");
  return { config: training, ...progress } as unknown as RunRecord;
}
