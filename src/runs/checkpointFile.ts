import * as v from "valibot";
import type { Backend } from "../backends/index.ts";
import { parseConfig, wholeNumber } from "../base/config.ts";
import { InklingError } from "../base/error.ts";
import { checkFormatVersion, FORMAT_VERSION } from "../base/formatVersion.ts";
import { parseJsonObject } from "../base/json.ts";
import { sha256 } from "../base/sha256.ts";
import type { Weights } from "../engine/feed.ts";
import { weightsOf } from "../engine/session.ts";
import { TrainedModel } from "../evaluation/trainedModel.ts";
import { inferenceGraph } from "../model/build.ts";
import { parsePreparation } from "../pictures/index.ts";
import type { Checkpoint, MonitorState } from "../training/index.ts";
import { learningCauses } from "../training/learning/watch.ts";
import { parseIdentity } from "../training/spec.ts";
import { decodeSafetensors, encodeSafetensors, type NamedTensor } from "./safetensors.ts";

const CHECKPOINT = "inkling.checkpoint";
const SHA256 = "inkling.sha256";

/**
 * A training or an identity from a file, with `split.keepTogether` and `split.by` filled in: a file without them was
 * written when only groups were kept together, and when all splits were drawn.
 */
export function withFormerSplit(json: object): object {
  const { split } = json as { readonly split?: unknown };
  return typeof split === "object" ? { ...json, split: { by: "seed", keepTogether: "groups", ...split } } : json;
}

const number = v.number("a number");
const monitorSchema = v.object(
  {
    step: wholeNumber,
    waited: wholeNumber,
    reference: v.optional(number),
    best: v.optional(v.object({ step: wholeNumber, loss: number, accuracy: number }, "a validation")),
    schedule: v.record(v.string(), number, "numbers by name"),
  },
  "the state of validations",
);

const momentsSchema = v.object({ count: wholeNumber, mean: number, squares: number }, "moments of a sample");
const learningSchema = v.object(
  {
    before: momentsSchema,
    since: momentsSchema,
    said: v.picklist(["undecided", "learning", "guessing", "memorizing"], "whether it learns"),
    cause: v.optional(v.picklist(learningCauses, "why it does not learn")),
    validation: v.optional(v.picklist(["better", "chance"], '"better" or "chance"')),
    fresh: v.optional(v.boolean("true or false")),
  },
  "the state of what shows whether it learns",
);

const checkpointSchema = v.object({
  formatVersion: v.number(),
  step: wholeNumber,
  loss: number,
  accuracy: number,
  identity: v.looseObject({}, "what determines the weights"),
  preparation: v.looseObject({}, "a preparation"),
  monitor: v.optional(monitorSchema),
  learning: v.optional(learningSchema),
});

/** The prefix of the names of the best weights; no name of a state begins with it. */
const BEST = "best/";

/** The name of the file of the checkpoint after a step. */
export const checkpointName = (step: number): string => `checkpoint-${step}.safetensors`;

/** The steps of the checkpoints among the files of a run, newest first. */
export const checkpointSteps = (names: readonly string[]): readonly number[] =>
  names
    .flatMap((name) => /^checkpoint-(\d+)\.safetensors$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => b - a);

/** A checkpoint, and what is wrong with each newer one that is damaged. */
export interface FoundCheckpoint {
  readonly checkpoint: Checkpoint | undefined;
  readonly damaged: readonly string[];
}

/** The files of a run, and what messages call it and them. */
export interface RunFiles {
  readonly run: string;
  readonly pathOf: (name: string) => string;
  readonly read: (name: string) => Promise<Uint8Array>;
}

/**
 * The newest intact checkpoint among the files of a run with the given names; undefined if none was written. Throws
 * `INVALID_DATA` if all are damaged, and `UNKNOWN_FORMAT` if the newest was written by a later version of Inkling.
 */
export async function newestIntact(names: readonly string[], files: RunFiles): Promise<FoundCheckpoint> {
  const broken: string[] = [];
  for (const name of checkpointSteps(names).map(checkpointName)) {
    try {
      return { checkpoint: await decodeCheckpoint(await files.read(name)), damaged: broken };
    } catch (error) {
      if (!(error instanceof InklingError) || error.code === "UNKNOWN_FORMAT" || error.code === "FILE_SYSTEM")
        throw error;
      broken.push(`${files.pathOf(name)}: ${error.message}`);
    }
  }
  if (broken.length === 0) return { checkpoint: undefined, damaged: broken };
  throw new InklingError(
    "INVALID_DATA",
    `${files.run}: all checkpoints are damaged (${broken[0]}); restore a copy, or remove the checkpoint files to train from the first step`,
  );
}

/** The model of a checkpoint, with the given weights or, by default, its own. */
export function trainedAt({ identity, preparation, state }: Checkpoint, on?: Backend, weights?: Weights): TrainedModel {
  const names = inferenceGraph(identity.model).weights.map(({ tensor }) => tensor.name);
  return new TrainedModel(identity.model, weights ?? weightsOf(state, names), on, preparation);
}

/**
 * A checkpoint as one safetensors file: the tensors of the state and the best weights, everything else as JSON in the
 * metadata, and a SHA-256 of it all.
 */
export async function encodeCheckpoint({ state, best = new Map(), ...rest }: Checkpoint): Promise<Uint8Array> {
  const all = [...state, ...[...best].map(([name, data]): [string, Float32Array] => [BEST + name, data])];
  const tensors = all.map(([name, data]): NamedTensor => ({ name, shape: [data.length], data }));
  const metadata = { [CHECKPOINT]: JSON.stringify({ formatVersion: FORMAT_VERSION, ...rest }) };
  return encodeSafetensors(tensors, { ...metadata, [SHA256]: await sha256(encodeSafetensors(tensors, metadata)) });
}

/**
 * Reads a file written by `encodeCheckpoint`. Throws `INVALID_DATA` if it is damaged in any way, `UNKNOWN_FORMAT` if
 * its version is not supported.
 */
export async function decodeCheckpoint(bytes: Uint8Array): Promise<Checkpoint> {
  const { tensors, metadata } = decodeSafetensors(bytes);
  const { [SHA256]: expected, ...sealed } = metadata;
  const json = parseJson(metadata[CHECKPOINT]);
  checkFormatVersion((json as { formatVersion?: unknown }).formatVersion, "checkpoint");
  if ((await sha256(encodeSafetensors([...tensors.values()], sealed))) !== expected)
    throw damaged("its contents do not match its checksum");
  const { preparation, identity, monitor, learning, ...rest } = parseConfig(
    checkpointSchema,
    json,
    "checkpoint",
    "INVALID_DATA",
  );
  const all = [...tensors].map(([name, { data }]): [string, Float32Array] => {
    if (!(data instanceof Float32Array)) throw damaged(`${name} is not of type F32`);
    return [name, data];
  });
  const best = all.flatMap(([name, data]) => (name.startsWith(BEST) ? [[name.slice(BEST.length), data] as const] : []));
  return {
    step: rest.step,
    loss: rest.loss,
    accuracy: rest.accuracy,
    identity: parseIdentity(withFormerSplit(identity), "checkpoint: identity"),
    preparation: parsePreparation(preparation, "checkpoint"),
    state: new Map(all.filter(([name]) => !name.startsWith(BEST))),
    ...(monitor && { monitor: monitor as MonitorState }),
    ...(learning && { learning }),
    ...(best.length > 0 && { best: new Map(best) }),
  };
}

const damaged = (what: string): InklingError =>
  new InklingError("INVALID_DATA", `checkpoint: ${what}; it is damaged, so resume from an earlier one`);

function parseJson(text: string | undefined): object {
  if (text === undefined) throw damaged("its metadata does not describe a training");
  const json = parseJsonObject(text);
  if (json) return json;
  throw damaged("the description in its metadata is not valid JSON");
}
