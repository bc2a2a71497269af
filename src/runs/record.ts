import * as v from "valibot";
import { parseConfig, wholeNumber } from "../base/config.ts";
import { checkFormatVersion, FORMAT_VERSION, VERSION } from "../base/formatVersion.ts";
import { checkSameTraining } from "../training/checkpoint.ts";
import type {
  LearningEvent,
  StartEvent,
  TrainEvent,
  TrainingOrigin,
  TrainingSpec,
  TrainResult,
} from "../training/index.ts";
import { identityOf, originOf, parseTrainingSpec, withOrigin } from "../training/spec.ts";
import { withFormerSplit } from "./checkpointFile.ts";
import { compactResult, fullResult } from "./confusionRows.ts";
import { resultSchema } from "./result.ts";

/** Where a run is trained: a version of Node on a machine, or a browser. */
export interface Host {
  /** The version of Node; absent in a browser. */
  readonly node?: string;
  /** The operating system and the processor's architecture, or "browser". */
  readonly platform: string;
  /** The model name of the processor, or the name that the browser gives itself. */
  readonly cpu: string;
}

/** The software and hardware that a run was trained with. */
export interface Environment extends Host {
  readonly inkling: string;
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

const text = v.string("a text");
const number = v.number("a number");

/** Where files and folders of a run's data were when the run was started. */
const placesSchema = v.record(text, v.object({ absolute: text, relative: text }), "places of data");

/**
 * For each file and folder of a run's data, by the path that the user gave, its absolute path, and its path from the run's
 * folder: a path from the working directory leads nowhere once another one is current.
 */
export type DataPlaces = v.InferOutput<typeof placesSchema>;

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

const progressSchema = v.object({
  sessions: v.array(v.looseObject({ started: text, step: wholeNumber, arithmetic: text }), "a list of sessions"),
  learning: v.optional(v.looseObject({ step: wholeNumber, status: text, guessLoss: number })),
  places: v.optional(placesSchema),
  result: v.optional(resultSchema),
});

/** The text of `run.json`. */
export function formatRecord({ config, sessions, places, learning, result: full }: RunRecord): string {
  const result = full && compactResult(full);
  return `${JSON.stringify({ formatVersion: FORMAT_VERSION, ...config, sessions, places, learning, result }, null, 2)}\n`;
}

/**
 * A record from the JSON of a file. Throws `INVALID_DATA` if it is damaged, and `UNKNOWN_FORMAT` if its version is not
 * supported.
 */
export function parseRecord(json: Readonly<Record<string, unknown>>, path: string): RunRecord {
  checkFormatVersion(json["formatVersion"], path);
  const { formatVersion: _, sessions, places, learning, result, ...config } = json;
  const training = parseTrainingSpec(withFormerSplit(config), path, "INVALID_DATA");
  const progress = parseConfig(progressSchema, { sessions, places, learning, result }, path, "INVALID_DATA");
  const record = { config: training, ...progress } as unknown as RunRecord;
  const classes = training.model.classes.length;
  return record.result ? { ...record, result: fullResult(record.result, classes, path) } : record;
}

/** What a record of a run says besides what its events say. */
export interface Surroundings {
  readonly host: Host;
  /** The origin of a new run. */
  readonly origin?: TrainingOrigin | undefined;
  readonly placesOf?: (config: TrainingSpec) => DataPlaces;
}

/**
 * The record after an event; the same one if the event does not change it. Throws `INVALID_DATA` at the start of a training
 * that does not belong to the record.
 */
export function recordAfter(
  before: RunRecord | undefined,
  event: TrainEvent,
  surroundings: Surroundings,
): RunRecord | undefined {
  if (event.type === "start") return started(before, event, surroundings);
  if (!before) return undefined;
  switch (event.type) {
    case "plan":
      return { ...before, config: withOrigin(event.spec, originOf(before.config)) };
    case "learning": {
      const { type: _, ...learning } = event;
      return { ...before, learning };
    }
    case "end":
      return { ...before, result: event.result };
    default:
      return before;
  }
}

function started(
  before: RunRecord | undefined,
  event: StartEvent,
  { host, origin, placesOf }: Surroundings,
): RunRecord {
  if (before) checkSameTraining(identityOf(before.config, event.arithmetic), event.identity, "run", event.step);
  const from = origin ?? (before && originOf(before.config));
  const config = from ? withOrigin(event.spec, from) : event.spec;
  const places = before?.places ?? placesOf?.(config);
  return {
    config,
    ...(places && { places }),
    sessions: [...(before?.sessions ?? []), sessionOf(event, host)],
    // News from steps that are repeated will come again.
    ...(before?.learning && before.learning.step < event.step && { learning: before.learning }),
  };
}

const sessionOf = ({ step, backend, compiler, arithmetic, threads }: StartEvent, host: Host): Session => ({
  started: new Date().toISOString(),
  step,
  inkling: VERSION,
  ...host,
  backend,
  ...(compiler !== undefined && { compiler }),
  arithmetic,
  threads,
});
