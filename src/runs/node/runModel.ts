import { join } from "node:path";
import type { Backend } from "../../backends/index.ts";
import { InklingError } from "../../base/error.ts";
import { read } from "../../base/node/readFile.ts";
import type { TrainedModel } from "../../evaluation/trainedModel.ts";
import type { Model } from "../../model/model.ts";
import { weightsSha256 } from "../../training/weightsSha256.ts";
import { decodeModel } from "../modelFile.ts";
import { modelFiles } from "../result.ts";
import { noBest, type RunModel, type RunResult, readResult, type WhichWeights } from "./record.ts";

/** How to open a model. */
interface Opening {
  readonly which?: WhichWeights | undefined;
  readonly on?: Backend | undefined;
  /** The model from the run's record, if that was already read; it is then not parsed again. */
  readonly known?: Model;
}

/**
 * A run's model, without parsing its whole record, which predictions do not need. Throws `NOT_FOUND`, `INVALID_DATA` or
 * `UNKNOWN_FORMAT` naming the file and what to do.
 */
export const openRunModel = async (folder: string, opening: Opening = {}): Promise<RunModel> =>
  modelOf(folder, await readResult(folder), opening);

/**
 * The model of a run with the given end, or of its newest checkpoint if it has none. Throws as {@link openRunModel}
 * does.
 */
export async function modelOf(folder: string, result: RunResult | undefined, opening: Opening): Promise<RunModel> {
  const { which = "last", on } = opening;
  if (!result) {
    const { checkpointModel } = await import("./checkpoints.ts"); // which loads every schema of a training
    return checkpointModel(folder, which, on);
  }
  const found = which === "best" ? result.best : { step: result.steps, ...result };
  if (!found) throw noBest(folder);
  const advice = `recreate it with: inkling train --resume ${folder}`;
  return { step: found.step, trained: await readModel(folder, which, found.weightsSha256, advice, opening) };
}

const meanings: Readonly<Record<keyof typeof modelFiles, string>> = {
  last: "the weights that the run ended with",
  best: "the run's best weights",
  initial: "the weights that the run started from",
};

/** A model from a run's folder, whose weights must match a checksum. */
export async function readModel(
  folder: string,
  which: keyof typeof modelFiles,
  expected: string,
  advice: string,
  { on, known }: Opening = {},
): Promise<TrainedModel> {
  const path = join(folder, modelFiles[which]);
  const trained = decode(path, await read(path, advice), advice, (bytes) => decodeModel(bytes, on, known));
  if ((await weightsSha256(trained.weights)) === expected) return trained;
  throw new InklingError(
    "INVALID_DATA",
    `${path} does not contain ${meanings[which]}; it is damaged or belongs to another run: ${advice}`,
  );
}

function decode<T>(path: string, bytes: Uint8Array, advice: string, how: (bytes: Uint8Array) => T): T {
  try {
    return how(bytes);
  } catch (error) {
    if (!(error instanceof InklingError) || error.code !== "INVALID_DATA") throw error;
    throw new InklingError(error.code, `${path}: ${error.message}: ${advice}`, { cause: error });
  }
}
