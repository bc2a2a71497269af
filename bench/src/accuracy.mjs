import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { splitDataset, subset, train } from "../../dist/index.node.js";

/** @typedef {import("../../dist/index.js").Dataset} Dataset */
/** @typedef {import("../../dist/index.js").Model} Model */
/** @typedef {import("../../dist/index.js").TrainOptions} TrainOptions */

const shared = fileURLToPath(new URL("../../../shared/data/notMNIST_small.tar.gz", import.meta.url));

/**
 * The notMNIST archive: the path given, or the one beside the project. npm runs scripts in the package's folder; a
 * path is meant from where the user stands.
 * @param {string | undefined} path */
export function archiveOf(path) {
  const archive = path ? resolve(process.env["INIT_CWD"] ?? "", path) : shared;
  if (existsSync(archive)) return archive;
  console.error(`There is no ${archive}. Give the path of notMNIST_small.tar.gz after --.`);
  return process.exit(1);
}

/**
 * Four fifths to train and one to test, always the same: images of the same pixels, and letters of one family of fonts, are
 * on one side.
 * @param {Dataset} dataset
 */
export function fixedSplit(dataset) {
  const { training, test } = splitDataset(dataset, { validation: 0, test: 0.2, seed: 1 });
  return { training: subset(dataset, training), test: subset(dataset, test) };
}

/**
 * The score on a test set after training, 0 to 1; undefined where the numbers did not stay finite.
 * @param {Model} model @param {{ training: Dataset, test: Dataset }} data @param {TrainOptions} options
 */
export async function accuracyOf(model, { training, test }, options) {
  try {
    const split = { validation: 0, test: 0 };
    const run = train(model, training, { validateEvery: 0, split, test, ...options });
    const { test: score, seconds } = await run.result();
    return { accuracy: score.accuracy, withoutTwins: score.withoutTwins?.accuracy, seconds };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "NOT_FINITE") return undefined;
    throw error;
  }
}

/** Student's t for a two-sided 95 % interval, by degrees of freedom from 1. */
const T95 = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262];

/** The mean, and how far the 95 % interval of the mean reaches to each side. @param {readonly number[]} values */
export function meanOf(values) {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (values.length - 1);
  const t = T95[values.length - 2] ?? 1.96;
  return { mean, reach: values.length > 1 ? t * Math.sqrt(variance / values.length) : Number.NaN };
}
