import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { firstWeights } from "./reference.mjs";

/**
 * @typedef {import("../../dist/index.js").Dataset} Dataset
 * @typedef {import("./networks.mjs").Network} Network
 */

/**
 * A folder from which contenders in any language read what to run: the network and its optimizer as JSON, and raw
 * little-endian numbers.
 *
 * @param {Network} network
 * @param {Dataset} data
 */
export function writeCaseFolder(network, data) {
  const folder = mkdtempSync(join(tmpdir(), "inkling-bench-"));
  const { values, shapes, trained } = firstWeights(network);
  const write = (/** @type {string} */ name, /** @type {string | Uint8Array} */ content) =>
    writeFileSync(join(folder, name), content);
  write("case.json", JSON.stringify({ ...network, weights: shapes, trained }));
  write("weights.f32", Buffer.concat([...values.values()].map(bytesOf)));
  write("images.u8", data.images);
  write("labels.u32", bytesOf(Uint32Array.from(data.labels)));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

const bytesOf = (/** @type {Float32Array | Uint32Array} */ { buffer, byteOffset, byteLength }) =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** What such a folder holds. @param {string} folder */
export function readCaseFolder(folder) {
  const read = (/** @type {string} */ name) => new Uint8Array(readFileSync(join(folder, name))).buffer;
  /** @type {Network & { weights: [string, number[]][], trained: string[] }} */
  const { weights: shapes, trained, ...network } = JSON.parse(readFileSync(join(folder, "case.json"), "utf8"));
  const values = new Float32Array(read("weights.f32"));
  let at = 0;
  const weights = new Map(
    shapes.map(([name, shape]) => {
      const size = shape.reduce((a, b) => a * b, 1);
      return [name, { shape, data: values.subarray(at, (at += size)) }];
    }),
  );
  const images = new Uint8Array(read("images.u8"));
  const labels = Uint16Array.from(new Uint32Array(read("labels.u32")));
  const parameters = trained.reduce((sum, name) => sum + (weights.get(name)?.data.length ?? 0), 0);
  return { network, weights, trained, parameters, images, labels };
}
