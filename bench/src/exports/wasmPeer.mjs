import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import "../../../dist/setUp.node.js";
import { VERSION } from "../../../dist/base/formatVersion.js";
import { openWasm } from "../../../dist/export/wasm/openWasm.js";
import { answer } from "./answer.mjs";

/** An exported module, or the package that contains one, in Node: `node wasmPeer.mjs FOLDER FILE`. */
const [, , folder, file] = process.argv;
const path = join(folder, file);
const { logits } = file.endsWith(".wasm")
  ? ofModule(openWasm(readFileSync(path)).classifier)
  : await import(pathToFileURL(join(path, "index.node.js")).href);

/** @param {import("../../../dist/export/wasm/wasmClassifier.js").WasmClassifier} classifier */
function ofModule(classifier) {
  return { logits: (/** @type {Uint8Array} */ pixels) => classifier.logits(pixels) };
}

const images = readFileSync(join(folder, "images.u8"));
const { size } = JSON.parse(readFileSync(join(folder, "case.json"), "utf8"));
const image = images.subarray(0, size);

answer({
  version: VERSION,
  async logits(to) {
    const all = [];
    for (let at = 0; at < images.length; at += size) all.push(...logits(images.subarray(at, at + size)));
    writeFileSync(to, new Uint8Array(Float32Array.from(all).buffer));
  },
  step: () => logits(image),
});
