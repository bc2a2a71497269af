import { concatBytes } from "../../base/bytes.ts";
import type { AnyDataset } from "../../datasets/index.ts";
import type { TrainedModel } from "../../evaluation/index.ts";
import { differenceOf, type Logits } from "../../export/agreement.ts";
import { exportC } from "../../export/c/exportC.ts";
import { exportCard } from "../../export/card/exportCard.ts";
import { type GoldenVector, goldenVectors, type TrainingHistory } from "../../export/exportable.ts";
import { exportOnnx } from "../../export/onnx/exportOnnx.ts";
import { importOnnx } from "../../export/onnx/importOnnx.ts";
import { exportPackage } from "../../export/package/exportPackage.ts";
import { exportWasm } from "../../export/wasm/exportWasm.ts";
import { openWasm } from "../../export/wasm/openWasm.ts";
import { writeZip } from "../../formats/zipWriter.ts";
import { encodeModel } from "../../runs/modelFile.ts";
import type { ExportForm, TakenFile } from "../workbench.ts";

/** A model, and the images that its exported forms are checked on. */
export interface Subject {
  readonly trained: TrainedModel;
  readonly dataset: AnyDataset;
  readonly rows: Uint32Array;
  readonly history: TrainingHistory;
  /** What files are named after, of letters, digits and -. */
  readonly name: string;
}

/** The file of a form, checked by running it where that is possible here. */
export async function exported(form: ExportForm, subject: Subject): Promise<TakenFile> {
  const { trained, dataset, rows, name, history } = subject;
  if (form === "card")
    return { name: `${name}-README.md`, bytes: textOf(await exportCard(trained, { run: name, history })) };
  const golden = await goldenVectors(trained, { dataset, rows });
  const about = { run: name, history, golden };
  switch (form) {
    case "onnx": {
      const bytes = await exportOnnx(trained, about);
      const { trained: again } = await importOnnx(bytes);
      return { name: `${name}.onnx`, bytes: own(bytes), check: await checkOf(again, golden) };
    }
    case "wasm": {
      const { bytes } = await exportWasm(trained, { ...about, relaxed: "also" });
      const { classifier } = openWasm(bytes);
      return { name: `${name}.wasm`, bytes: own(bytes), check: await checkOf(oneByOne(classifier), golden) };
    }
    case "c": {
      const { files } = await exportC(trained, { ...about, name });
      return { name: `${name}-c.zip`, bytes: zipOf(files) };
    }
    case "npm": {
      const { files } = await exportPackage(trained, { ...about, name });
      return { name: `${name}-npm.zip`, bytes: zipOf(files) };
    }
    case "weights":
      return { name: `${name}.safetensors`, bytes: own(encodeModel(trained)) };
  }
}

const own = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes);

const textOf = (text: string): Uint8Array<ArrayBuffer> => own(new TextEncoder().encode(text));

const zipOf = (files: readonly { readonly name: string; readonly contents: string | Uint8Array }[]) =>
  concatBytes([
    ...writeZip(
      files.map(({ name, contents }) => ({
        name,
        bytes: typeof contents === "string" ? new TextEncoder().encode(contents) : contents,
      })),
    ),
  ]);

const oneByOne = (classifier: { logits(pixels: Uint8Array): Float32Array }): Logits => ({
  logits: async (pixels) => classifier.logits(pixels),
});

/** How far the exported form agrees with the model on its golden images. */
async function checkOf(form: Logits, golden: readonly GoldenVector[]): Promise<string> {
  let largest = 0;
  for (const { pixels, logits } of golden) largest = Math.max(largest, differenceOf(logits, await form.logits(pixels)));
  return largest === 0
    ? `checked here on ${golden.length} images: the same logits`
    : `checked here on ${golden.length} images: logits differ by ${largest.toPrecision(1)} at most`;
}
