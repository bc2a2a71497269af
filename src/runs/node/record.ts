import { join } from "node:path";
import * as v from "valibot";
import { parseConfig } from "../../base/config.ts";
import { InklingError } from "../../base/error.ts";
import { checkFormatVersion } from "../../base/formatVersion.ts";
import { readJson } from "../../base/node/readFile.ts";
import type { TrainedModel } from "../../evaluation/trainedModel.ts";
import { RUN_FILE, resultSchema } from "../result.ts";

/** Which weights of a run: the last ones, or those of the best validation. */
export type WhichWeights = "last" | "best";

/** A model of a run. */
export interface RunModel {
  readonly trained: TrainedModel;
  /** Steps that the model was trained for: all, or those up to the newest checkpoint or the best validation. */
  readonly step: number;
}

export const noBest = (folder: string): InklingError =>
  new InklingError(
    "NOT_FOUND",
    `run ${folder} has no best weights, because there were no validations; use the last ones`,
  );

const withResult = v.looseObject({ result: v.optional(resultSchema) });

/** The models that a finished run has: that of its last step and, if it was validated, the best one. */
export interface RunResult {
  readonly steps: number;
  readonly weightsSha256: string;
  readonly best?: { readonly step: number; readonly weightsSha256: string } | undefined;
}

/**
 * The JSON of a run's record. Throws `NOT_FOUND`, `INVALID_DATA` if it is not valid JSON, and `UNKNOWN_FORMAT` if its
 * version is not supported.
 */
export async function readRecord(folder: string): Promise<Readonly<Record<string, unknown>>> {
  const path = join(folder, RUN_FILE);
  const json = await readJson(path, "specify the folder of a run, such as runs/lenet-letters-1");
  checkFormatVersion(json["formatVersion"], path);
  return json;
}

/**
 * How a run ended, without parsing the rest of its record; undefined before its end. Throws as {@link readRecord} does,
 * and `INVALID_DATA` if it is damaged.
 */
export async function readResult(folder: string): Promise<RunResult | undefined> {
  return parseConfig(withResult, await readRecord(folder), join(folder, RUN_FILE), "INVALID_DATA").result;
}
