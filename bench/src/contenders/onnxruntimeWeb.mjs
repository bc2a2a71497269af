import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import * as onnx from "onnxruntime-web";
import { readCaseFolder } from "../caseFolder.mjs";
import { python, script } from "../python.mjs";
import { serve, timed, Unsupported } from "../serve.mjs";
import { normalized } from "./layers.mjs";

/** ONNX Runtime in WebAssembly. */
const { values } = parseArgs({ options: { threads: { type: "string" } } });
onnx.env.wasm.numThreads = Number(values.threads);
onnx.env.logLevel = "error";

/** [N,H,W,C] → [N,C,H,W] @param {Float32Array} pixels @param {readonly number[]} shape of an image */
function channelsFirst(pixels, [height = 1, width = 1, channels = 1]) {
  const size = height * width;
  return pixels.map((_, i) => {
    const [image, c, at] = [Math.floor(i / (size * channels)), Math.floor(i / size) % channels, i % size];
    return pixels[(image * size + at) * channels + c];
  });
}

serve(async ({ folder, mode, batchSize }) => {
  if (mode === "training") throw new Unsupported("does not train");
  const file = join(folder, `${batchSize}.onnx`);
  execFileSync(python, [script("onnx_model.py"), folder, `${batchSize}`, file]);
  const { network, images, labels, parameters } = readCaseFolder(folder);
  const { input } = network.model;
  const pixels = channelsFirst(normalized(network.model, images), input);
  const size = pixels.length / labels.length;
  const batches = Math.floor(labels.length / batchSize);
  const session = await onnx.InferenceSession.create(readFileSync(file), { graphOptimizationLevel: "all" });
  const [output = ""] = session.outputNames;
  const step = async (/** @type {number} */ k) => {
    const first = (k % batches) * batchSize * size;
    const data = pixels.subarray(first, first + batchSize * size);
    const x = new onnx.Tensor("float32", data, [batchSize, input[2], input[0], input[1]]);
    return (await session.run({ x }))[output].data;
  };
  const results = [.../** @type {Float32Array} */ (await step(0))];
  return { version: onnx.env.versions.web ?? "unknown", parameters, results, run: timed(step) };
});
