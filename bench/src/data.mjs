import { philox } from "../../dist/base/philox.js";

/** Images of every case. */
export const COUNT = 2048;
const WORDS = 4;

/**
 * Images of random pixels and random labels, the same each time; speed does not depend on what they show.
 *
 * @param {import("../../dist/index.js").Model} model
 * @returns {import("../../dist/index.js").Dataset}
 */
export function randomDataset({ input, classes }, count = COUNT) {
  const words = new Uint32Array(Math.ceil((count * input[0] * input[1] * input[2]) / 4 / WORDS) * WORDS);
  for (let at = 0; at < words.length; at += WORDS) words.set(philox([1, 0], [at, 0, 0, 0]), at);
  const images = new Uint8Array(words.buffer, 0, count * input[0] * input[1] * input[2]);
  const labels = Uint16Array.from({ length: count }, (_, n) => philox([2, 0], [n, 0, 0, 0])[0] % classes.length);
  return datasetOf({ input, classes }, images, labels);
}

/**
 * @param {Pick<import("../../dist/index.js").Model, "input" | "classes">} model
 * @param {Uint8Array} images
 * @param {Uint16Array} labels
 * @returns {import("../../dist/index.js").Dataset}
 */
export const datasetOf = ({ input, classes }, images, labels) => ({
  images,
  labels,
  imageShape: input,
  classNames: classes,
  provenance: { source: "bench", description: "random pixels and labels" },
  skipped: [],
});
