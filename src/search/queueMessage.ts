import * as v from "valibot";
import type { Arithmetic } from "../backends/index.ts";
import { count, finite, parseConfig } from "../base/config.ts";
import { InklingError } from "../base/error.ts";
import { checkFormatVersion, FORMAT_VERSION } from "../base/formatVersion.ts";
import { parseJsonObject } from "../base/json.ts";
import { createSha256, sha256 } from "../base/sha256.ts";
import type { Division } from "../datasets/divide.ts";
import { splitNames } from "../datasets/splitSizes.ts";
import { parseTrainingSpec, type TrainingSpec } from "../training/spec.ts";

/*
 * What the searching process and workers on other machines say to each other. All of it is plain data that is checked on
 * arrival: a network is a list of layers by name, so a worker runs no code but its own.
 */

/** A part of a trial as it travels: everything that its weights depend on, and where its data may be. */
export interface QueuedTask {
  /** The version of Inkling and the arithmetic that all trials of the study have, so that their numbers agree. */
  readonly inkling: string;
  readonly arithmetic: Arithmetic;
  /** What messages call it. */
  readonly name: string;
  readonly spec: TrainingSpec;
  /** The steps after which it is scored. */
  readonly steps: number;
  /** SHA-256 of the rows in each split: see {@link divisionSha256}. */
  readonly division: string;
  /** Where the files of the data are on the searching machine, by the paths of the spec. */
  readonly places: Readonly<Record<string, { readonly absolute: string; readonly relative: string }>>;
}

/** What came of it. */
export type TaskResult =
  | { readonly score: number; readonly weightsSha256: string; readonly seconds: number }
  | { readonly problem: string };

/** The most characters of a message. A network of a thousand layers has about 200,000. */
const MAX_MESSAGE = 2 ** 22;

const text = v.pipe(v.string("a text"), v.maxLength(4096, "a text of at most 4096 characters"));
const sha = v.pipe(v.string("a SHA-256"), v.regex(/^[0-9a-f]{64}$/, "a SHA-256"));
const taskSchema = v.strictObject({
  formatVersion: v.number("a number"),
  inkling: text,
  arithmetic: v.picklist(["fma", "mul-add"], "fma or mul-add"),
  name: text,
  spec: v.looseObject({}, "a training"),
  steps: count,
  division: sha,
  places: v.record(text, v.strictObject({ absolute: text, relative: text }), "places of data"),
});
const resultSchema = v.union(
  [
    v.strictObject({ score: finite, weightsSha256: sha, seconds: finite }),
    v.strictObject({ problem: v.pipe(v.string("a text"), v.maxLength(MAX_MESSAGE, "a shorter text")) }),
  ],
  "a result",
);

/** A task as a message. Throws `UNSUPPORTED` if it is too large. */
export function encodeTask(task: QueuedTask): string {
  const message = JSON.stringify({ formatVersion: FORMAT_VERSION, ...task });
  if (message.length <= MAX_MESSAGE) return message;
  throw new InklingError(
    "UNSUPPORTED",
    `${task.name} has ${message.length} characters as a message, more than the ${MAX_MESSAGE} that a queue accepts; search without --queue`,
  );
}

/**
 * A task from another machine, checked. Throws `INVALID_DATA` naming what is wrong, `UNKNOWN_FORMAT` if another version of
 * Inkling wrote it, and `INVALID_MODEL` for a network with layers that this machine does not know.
 */
export function decodeTask(message: unknown): QueuedTask {
  const json = typeof message === "string" && message.length <= MAX_MESSAGE ? parseJsonObject(message) : undefined;
  if (!json) throw new InklingError("INVALID_DATA", "task: it is not a JSON object of an acceptable size");
  checkFormatVersion(json["formatVersion"], "task");
  const { formatVersion: _, spec, ...task } = parseConfig(taskSchema, json, "task", "INVALID_DATA");
  const training = parseTrainingSpec(spec, "task: spec", "INVALID_DATA");
  if (task.steps > training.steps)
    throw new InklingError(
      "INVALID_DATA",
      `task: steps is ${task.steps}, expected at most ${training.steps}, those of the training`,
    );
  return { ...task, spec: training };
}

/** A result from another machine, checked. Throws `INVALID_DATA`. */
export const decodeResult = (message: string): TaskResult =>
  parseConfig(
    resultSchema,
    message.length <= MAX_MESSAGE ? parseJsonObject(message) : undefined,
    "result",
    "INVALID_DATA",
  );

/** The name of a task: the same for the same training up to the same step, wherever its data are and whoever asks. */
export async function taskId({ inkling, arithmetic, spec, steps, division }: QueuedTask): Promise<string> {
  const { data, backend: _b, recipe: _r, ...settings } = spec;
  const { fingerprint, testFingerprint, validationFingerprint } = data;
  const prints = { fingerprint, testFingerprint, validationFingerprint };
  const identity = JSON.stringify({ inkling, arithmetic, settings, prints, division, steps });
  return (await sha256(new TextEncoder().encode(identity))).slice(0, 40);
}

/**
 * SHA-256 of which image is in which split, in order. Data with the same images may be split otherwise, such as where their
 * groups are not known.
 */
export function divisionSha256({ split }: Division): string {
  const hash = createSha256();
  for (const name of splitNames) {
    const rows = split[name];
    hash.update(new TextEncoder().encode(`${name} ${rows.length} `));
    hash.update(new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength));
  }
  return hash.digest();
}
