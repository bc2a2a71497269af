import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import type { Backend } from "../../backends/index.ts";
import { writeFileAtomic } from "../../datasets/node/index.ts";
import type { TrainedModel } from "../../evaluation/index.ts";
import { parseConfig } from "../../tensor/config.ts";
import { InklingError } from "../../tensor/error.ts";
import type { TrainEvent, TrainResult } from "../../training/index.ts";
import { decodeModel, encodeModel } from "../modelFile.ts";

const MODEL_FILE = "model.safetensors";
const RUN_FILE = "run.json";
const METRICS_FILE = "metrics.jsonl";

const size = v.optional(v.number());
const runSchema = v.object({
  formatVersion: v.literal(1, "1; a later version of Inkling wrote this run, so update Inkling"),
  data: v.object({
    source: v.string(),
    test: v.optional(v.string()),
    fingerprint: v.string(),
    resize: v.optional(v.tuple([v.number(), v.number()])),
  }),
  recipe: v.string(),
  seed: v.number(),
  split: v.object({ training: size, validation: size, test: size }),
});

/** How a run was made: where its data came from and how they were split. */
export type RunConfig = Omit<v.InferOutput<typeof runSchema>, "formatVersion">;

/** A run on disk: a folder that holds how it was made, how it went, and the trained model. */
export interface SavedRun {
  readonly config: RunConfig;
  readonly trained: TrainedModel;
}

/** Makes the folder of a new run. Throws `FILE_SYSTEM` where it holds something already or cannot be made. */
export async function createRunFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
    if ((await readdir(path)).length === 0) return;
  } catch (cause) {
    throw new InklingError("FILE_SYSTEM", `run folder ${path} cannot be made: ${(cause as Error).message}`, { cause });
  }
  throw new InklingError("FILE_SYSTEM", `run folder ${path} is not empty; give another one with --out, or remove it`);
}

/** Writes a finished run into its folder. Throws `FILE_SYSTEM`. */
export async function saveRun(
  path: string,
  { config, trained }: SavedRun,
  result: TrainResult,
  events: readonly TrainEvent[],
): Promise<void> {
  const metrics = events.filter((event) => event.type === "validation").map((event) => `${JSON.stringify(event)}\n`);
  await writeFileAtomic(join(path, MODEL_FILE), encodeModel(trained));
  await writeFileAtomic(join(path, METRICS_FILE), metrics.join(""));
  await writeFileAtomic(join(path, RUN_FILE), `${JSON.stringify({ formatVersion: 1, ...config, result }, null, 2)}\n`);
}

/** Opens a run. Throws `NOT_FOUND`, `INVALID_DATA` or `UNKNOWN_FORMAT` saying which file and what to do. */
export async function openRun(path: string, on?: Backend): Promise<SavedRun> {
  const config = parseConfig(runSchema, await readJson(join(path, RUN_FILE)), `run ${path}`, "INVALID_DATA");
  return { config, trained: decodeModel(await read(join(path, MODEL_FILE)), on) };
}

async function read(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR")
      throw new InklingError(
        "NOT_FOUND",
        `${path} is not there; give the folder of a finished run, such as runs/seed-letters-1`,
        { cause },
      );
    throw new InklingError("FILE_SYSTEM", `${path} cannot be read: ${message}`, { cause });
  }
}

async function readJson(path: string): Promise<unknown> {
  const text = new TextDecoder().decode(await read(path));
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InklingError("INVALID_DATA", `${path} is no JSON; it is damaged, so train again`, { cause });
  }
}
