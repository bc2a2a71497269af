import { writeCaseFolder } from "./caseFolder.mjs";
import { randomDataset } from "./data.mjs";
import { flopsOf } from "./networks.mjs";
import { firstLogits, firstLosses } from "./reference.mjs";

/** How far a loss may be from Inkling's, as a share of it where it is above 1, or a logit. */
const TOLERANCE = 1e-3;

/**
 * Settings made ready: folders for the contenders, and what their losses and logits are compared with. Folders are
 * written once for each network, and removed at the end.
 */
export class Cases {
  #networks;
  /** @type {Map<string, ReturnType<typeof writeCaseFolder> & { data: import("../../dist/index.js").Dataset }>} */
  #written = new Map();

  /** @param {Readonly<Record<string, import("./networks.mjs").Network>>} networks */
  constructor(networks) {
    this.#networks = networks;
  }

  /** @param {import("./contenders.mjs").Setting} setting */
  async prepare({ network: name, mode, batchSize }) {
    const network = this.#networks[name];
    const { folder, data } = this.#folder(name, network);
    const training = mode === "training";
    /** @type {Promise<number[]> | undefined} */
    let made;
    const expected = () => (made ??= (training ? firstLosses : firstLogits)(network, data, batchSize));
    return { request: { folder, mode, batchSize }, expected, flops: flopsOf(network.model, training) };
  }

  #folder(/** @type {string} */ name, /** @type {import("./networks.mjs").Network} */ network) {
    const found = this.#written.get(name);
    if (found) return found;
    const data = randomDataset(network.model);
    const written = { ...writeCaseFolder(network, data), data };
    this.#written.set(name, written);
    return written;
  }

  remove() {
    for (const { remove } of this.#written.values()) remove();
  }
}

/**
 * How far results are from those expected at most. Throws where that is too far, or where one is not finite: then
 * another network was trained.
 *
 * @param {string} name
 * @param {readonly number[]} results
 * @param {readonly number[]} expected
 */
export function deviation(name, results, expected) {
  let most = 0;
  for (const [k, value] of results.entries()) {
    const off = Math.abs(value - expected[k]) / Math.max(1, Math.abs(expected[k]));
    if (!(off <= TOLERANCE)) throw new Error(`${name}: result ${k} is ${value}, expected ${expected[k]}`);
    most = Math.max(most, off);
  }
  return most;
}
