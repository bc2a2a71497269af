import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as onnx from "onnxruntime-web";
import { answer } from "./answer.mjs";

/** An exported ONNX file in ONNX Runtime's WebAssembly, on one thread: `node webPeer.mjs FOLDER`. */
const [, , folder] = process.argv;
onnx.env.wasm.numThreads = 1;
onnx.env.logLevel = "error";
const { size, input, classes } = JSON.parse(readFileSync(join(folder, "case.json"), "utf8"));
const images = readFileSync(join(folder, "images.u8"));
const session = await onnx.InferenceSession.create(readFileSync(join(folder, "model.onnx")), {
  graphOptimizationLevel: "all",
});
const tensor = (/** @type {number} */ at) =>
  new onnx.Tensor("uint8", Uint8Array.from(images.subarray(at, at + size)), [1, ...input]);
const one = tensor(0);

answer({
  version: onnx.env.versions.web ?? "unknown",
  async logits(to) {
    const all = new Float32Array((images.length / size) * classes);
    for (let at = 0, k = 0; at < images.length; at += size, k += classes)
      all.set(/** @type {Float32Array} */ ((await session.run({ image: tensor(at) }, ["logits"])).logits.data), k);
    writeFileSync(to, new Uint8Array(all.buffer));
  },
  step: () => session.run({ image: one }, ["logits"]),
});
