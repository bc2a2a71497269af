import { backend } from "../../backends/index.ts";
import { InklingError } from "../../base/error.ts";
import { fileSize, quantity, whole } from "../../base/format.ts";
import { writeFileAtomic } from "../../base/node/writeFile.ts";
import { Ensemble } from "../../evaluation/ensemble.ts";
import { encodeModel } from "../../runs/modelFile.ts";
import type { WhichWeights } from "../../runs/node/record.ts";
import { weightsSha256 } from "../../training/weightsSha256.ts";
import { checkNewFile } from "../newFile.ts";
import { isFolder, openClassifier } from "../openModel.ts";
import type { Subject } from "../openSubject.ts";
import type { ComparedModel } from "../sharedImages.ts";
import { createTerminal, printSummary, type Terminal } from "../terminal.ts";
import "../../engine/node/setUp.ts";

export interface EnsembleCommandOptions {
  readonly out: string;
  readonly weights?: WhichWeights;
  readonly calibrate?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** Writes several models as one file that predicts by the mean of their probabilities. */
export async function ensembleCommand(paths: readonly string[], options: EnsembleCommandOptions): Promise<void> {
  const { out, calibrate, force = false, json = false } = options;
  const terminal = createTerminal({ json });
  checkNewFile(out, force);
  const models: ComparedModel[] = [];
  for (const path of paths) models.push({ path, ...(await open(path, options)) });
  const plain = Ensemble.of(models.map(({ trained }) => trained));
  const hashes = await Promise.all(plain.members.map((member) => weightsSha256(member.weights)));
  checkDifferent(hashes, paths);
  const ensemble = calibrate === undefined ? plain : await calibrated(plain, models, calibrate, terminal);
  const { members } = ensemble;
  const bytes = encodeModel(ensemble);
  await writeFileAtomic(out, bytes);
  terminal.out(`${out}: an ensemble of ${quantity(members.length, "model")}, ${fileSize(bytes.length)}`);
  if (!json) return;
  const summary = {
    ensemble: out,
    bytes: bytes.length,
    models: members.length,
    weightsSha256: await weightsSha256(ensemble.weights),
    members: hashes,
  };
  printSummary(summary);
}

/** Throws `INVALID_ARGUMENT` if two models have the same weights: the mean of equal answers is that same answer. */
function checkDifferent(hashes: readonly string[], paths: readonly string[]): void {
  const again = hashes.findIndex((hash, k) => hashes.indexOf(hash) < k);
  if (again < 0) return;
  const which = [hashes.indexOf(hashes[again]!), again].map((k) =>
    hashes.length === paths.length ? paths[k]! : `model ${k + 1}`,
  );
  throw new InklingError(
    "INVALID_ARGUMENT",
    `${which.join(" and ")} have the same weights; an ensemble takes models that differ, such as runs with several seeds`,
  );
}

/** A model; to calibrate, with what it was trained on. */
async function open(path: string, { weights, calibrate }: EnsembleCommandOptions): Promise<Subject> {
  const on = backend("wasm");
  if (calibrate !== undefined) return (await import("../openSubject.ts")).openSubject(path, on, weights ?? "last");
  return { trained: await openClassifier(path, on, (await isFolder(path)) ? weights : undefined) };
}

/** The ensemble with the calibration of the images of a source that none of its models was trained on, or is tested on. */
async function calibrated(
  ensemble: Ensemble,
  models: readonly ComparedModel[],
  source: string,
  terminal: Terminal,
): Promise<Ensemble> {
  const [{ sharedImages }, { answerImages }, { calibrateModel }] = await Promise.all([
    import("../sharedImages.ts"),
    import("../../evaluation/evaluate.ts"),
    import("../../evaluation/modelCalibration.ts"),
  ]);
  const { inputs, leftOut } = await sharedImages(models, source, { toCalibrate: true }, terminal);
  const { dataset, rows } = inputs[0]!;
  const { logits, labels } = await answerImages(ensemble, dataset, { rows });
  const calibration = calibrateModel(logits, labels, ensemble.model.classes.length);
  const { trainedOn, tested = 0 } = leftOut;
  const left = [
    ...(trainedOn > 0 ? [`a run was trained on ${whole(trainedOn)}`] : []),
    ...(tested > 0 ? [`a run is tested on ${whole(tested)}`] : []),
  ];
  const words = left.length > 0 ? `; left out: ${left.join(", ")}` : "";
  terminal.note(terminal.dim(`calibrated on ${quantity(rows.length, "image")} of ${source}${words}`));
  return ensemble.with({ calibration });
}
