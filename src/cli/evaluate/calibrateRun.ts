import type { Backend } from "../../backends/index.ts";
import { InklingError } from "../../base/error.ts";
import { whole } from "../../base/format.ts";
import { answerImages, calibrateModel, Ensemble } from "../../evaluation/index.ts";
import type { WhichWeights } from "../../runs/node/record.ts";
import { saveCalibration } from "../../runs/node/saveCalibration.ts";
import { checkFetching, openRunSplit } from "../openRunData.ts";
import type { Subject } from "../openSubject.ts";
import type { Terminal } from "../terminal.ts";

/** Which weights are calibrated, and how their answers are computed. */
interface CalibrateOptions {
  readonly weights: WhichWeights;
  readonly fetch?: boolean;
  readonly backend: Backend;
  readonly threads: number;
}

/**
 * Calibrates the chosen weights of a finished run on its validation images, and keeps the calibration with them: for runs
 * from before trainings did so. Throws `INVALID_ARGUMENT` for the file of a model, a run that is not finished and one
 * without validation images, and `INVALID_DATA` if its data have changed.
 */
export async function calibrateRun(
  path: string,
  subject: Subject,
  { weights, fetch, ...how }: CalibrateOptions,
  terminal: Terminal,
): Promise<Subject> {
  const { config, trained } = subject;
  if (!config || trained instanceof Ensemble)
    throw new InklingError(
      "INVALID_ARGUMENT",
      `${path} is a file; --calibrate is for the folder of a run, which names its validation images`,
    );
  await checkFetching(config.data, fetch);
  const { dataset, validation, division } = await openRunSplit(config, config.data.fixes, terminal);
  const rows = division.split.validation;
  const calibration = calibrateModel(
    ...(await (validation ? labeled(validation) : labeled(dataset, rows))),
    trained.model.classes.length,
  );
  if (!calibration)
    throw new InklingError(
      "INVALID_ARGUMENT",
      `${path} has no validation images to calibrate on; train with --validation-size or --validation`,
    );
  const calibrated = trained.with({ calibration });
  await saveCalibration(path, weights, calibrated);
  terminal.note(
    terminal.dim(
      `calibrated on ${whole(calibration.images)} validation images, kept with the ${weights} weights: temperature ${calibration.temperature.toFixed(2)}, attenuation ${(calibration.attenuation ?? 0).toFixed(2)}`,
    ),
  );
  return { ...subject, trained: calibrated };

  async function labeled(of: typeof dataset, some?: Uint32Array) {
    const { logits, labels } = await answerImages(trained, of, { ...how, ...(some && { rows: some }) });
    return [logits, labels] as const;
  }
}
