import { COUNT } from "./network.mjs";

/**
 * What is measured. Both go from images in the host's memory to results there.
 *
 * @typedef {object} Trainer
 * @property {string} name
 * @property {string} version
 * @property {() => Promise<number[]>} train Some steps, which go on where the last call ended: the loss of each.
 *
 * @typedef {object} Predictor
 * @property {string} name
 * @property {string} version
 * @property {(row: number) => Promise<Float32Array>} predict The logits of one batch from the given row on.
 */

/** The first row of each batch in turn, over and over. @param {number} batchSize */
export function cyclingRows(batchSize) {
  let next = 0;
  return () => {
    const row = next;
    next = row + 2 * batchSize > COUNT ? 0 : row + batchSize;
    return row;
  };
}
