import { join } from "node:path";
import { InklingError } from "../../base/error.ts";
import { syncFolder } from "../../base/node/readFile.ts";
import { writeFileAtomic } from "../../base/node/writeFile.ts";
import type { TrainedModel } from "../../evaluation/trainedModel.ts";
import { encodeModel } from "../modelFile.ts";
import { modelFiles } from "../result.ts";
import type { WhichWeights } from "./record.ts";
import { readRun, writeRun } from "./runFile.ts";
import { lockFolder } from "./runs.ts";

/**
 * Keeps the calibration of a finished run's model: in the file of its weights, which stay the same, and how logits are scaled
 * in the record. Throws `INVALID_ARGUMENT` for a run that is not finished, and `FILE_SYSTEM`.
 */
export async function saveCalibration(folder: string, which: WhichWeights, trained: TrainedModel): Promise<void> {
  const lock = await lockFolder(folder);
  try {
    const run = await readRun(folder);
    const { result } = run;
    if (!result)
      throw new InklingError(
        "INVALID_ARGUMENT",
        `run ${folder} is not finished, and its end will calibrate it: inkling train --resume ${folder}`,
      );
    await writeFileAtomic(join(folder, modelFiles[which]), encodeModel(trained));
    const { temperature, attenuation } = trained.scaling;
    await writeRun(folder, {
      ...run,
      result:
        which === "last"
          ? { ...result, temperature, attenuation }
          : { ...result, best: { ...result.best!, temperature, attenuation } },
    });
    await syncFolder(folder);
  } finally {
    await lock.release();
  }
}
