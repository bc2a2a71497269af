import { stat } from "node:fs/promises";
// Not ../index.ts and ../node.ts, which would load the training code, too.
import type { Backend } from "../backends/index.ts";
import { InklingError } from "../base/error.ts";
import { contentsOf } from "../base/node/readFile.ts";
import { fileSystemError } from "../base/node/systemError.ts";
import type { Classifier } from "../evaluation/ensemble.ts";
import type { TrainedModel } from "../evaluation/trainedModel.ts";
import { decodeClassifier, decodeModel } from "../runs/modelFile.ts";
import type { WhichWeights } from "../runs/node/record.ts";
import { openRunModel } from "../runs/node/runModel.ts";

/**
 * The model of a run's folder, by default with its last weights, or of a .safetensors or .onnx file. Throws
 * `NOT_FOUND`, errors for damaged files, and `INVALID_ARGUMENT` for an ensemble and if a choice of weights is given for a file.
 */
export const openModel = (path: string, on: Backend, weights?: WhichWeights): Promise<TrainedModel> =>
  open(path, on, weights, decodeModel);

/** What answers for images: as {@link openModel}, or the ensemble in a file. */
export const openClassifier = (path: string, on: Backend, weights?: WhichWeights): Promise<Classifier> =>
  open<Classifier>(path, on, weights, decodeClassifier);

/** Endings of the files of exported forms that cannot be read back; what a decoder says about them would mislead. */
const ONLY_EXPORTED = /\.(wasm|c|h|js|md)$/i;

async function open<C extends Classifier>(
  path: string,
  on: Backend,
  weights: WhichWeights | undefined,
  decode: (bytes: Uint8Array, on: Backend) => C,
): Promise<C | TrainedModel> {
  if (await isFolder(path)) return (await openRunModel(path, { on, which: weights })).trained;
  if (weights !== undefined)
    throw new InklingError("INVALID_ARGUMENT", `--weights applies to the folder of a run, but ${path} is a file`);
  if (ONLY_EXPORTED.test(path))
    throw new InklingError(
      "INVALID_ARGUMENT",
      `${path} cannot be read as a model; specify the folder of a run, or a .safetensors or .onnx file`,
    );
  try {
    const bytes = await contentsOf(path, { pipe: true });
    if (!path.toLowerCase().endsWith(".onnx")) return decode(bytes, on);
    return (await import("../export/onnx/importOnnx.ts")).importOnnx(bytes, on).trained;
  } catch (cause) {
    if (cause instanceof InklingError) throw new InklingError(cause.code, `${path}: ${cause.message}`, { cause });
    throw fileSystemError(path, "read", cause);
  }
}

/** Whether a path is a folder. Throws `NOT_FOUND` if it does not exist. */
export async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (cause) {
    throw new InklingError(
      "NOT_FOUND",
      `${path} does not exist; specify the folder of a run, such as runs/lenet-letters-1, or a .safetensors or .onnx file`,
      { cause },
    );
  }
}
