import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createJiti } from "jiti";
import {
  answerImages,
  encodeModel,
  probabilitiesOf,
  recipe,
  recipeTraining,
  sampleRows,
  TrainingData,
  train,
} from "../../dist/index.node.js";
import { openDataset } from "../../dist/node.js";
import { describe, machine, publish, table } from "./report.mjs";

/**
 * Whether `evaluate`, `predict`, the library and Chromium give the same probabilities for the same picture files:
 * `npm run same-predictions -- FOLDER [--files 200 --steps 30]`, with the data sets of `npm run defaults`. The recipe `auto`
 * is trained for a few steps on each; test/pictures does the same without a training. Predictions fold batch normalization
 * into the layers before it, and `evaluate` does so with `--fold`; without it, rounding differs, which has a column of its own.
 */
const LIMIT = 1e-6;
const text = { type: /** @type {const} */ ("string") };
const { values, positionals } = parseArgs({
  options: { files: { ...text, default: "200" }, steps: { ...text, default: "30" } },
  allowPositionals: true,
});
const root = resolve(process.env["INIT_CWD"] ?? "", positionals[0] ?? ".");

/** @type {readonly { readonly about: string, readonly path: string, readonly resize?: [number, number] }[]} */
const sets = [
  { about: "scikit-learn's digits, PNG, 8×8", path: "digits-png" },
  { about: "sign-language digits, photos as 100×100", path: "signs", resize: [100, 100] },
  { about: "colored shapes, 64×64 RGB", path: "shapes" },
  { about: "CIFAR-10's test images, JPEG, 32×32 RGB", path: "cifar10/test" },
  { about: "300 classes of 10, 32×32 gray", path: "classes300" },
];

/** @typedef {import("../../dist/index.js").Prediction} Prediction */

const main = fileURLToPath(new URL("../../dist/bundle/cli/main.js", import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), "inkling-predictions-"));
/** @type {typeof import("../../test/browser/site.ts")} */
const { chromiumPath, Site } = await createJiti(import.meta.url).import("../../test/browser/site.ts");
const site = new Site("pictures");
const on = machine();
const rows = [];
try {
  await site.make();
  const address = await site.serve({ isolated: false });
  for (const { about, path, resize } of sets) {
    const folder = join(root, path);
    const dataset = await openDataset(folder, resize ? { resize } : {});
    const { classNames, names = [] } = dataset;
    const data = new TrainingData(dataset);
    const overrides = { steps: Number(values.steps), validateEvery: 0 };
    const { model, ...settings } = recipeTraining(recipe("auto"), data.shape, overrides);
    const trained = await train(model, data, settings).model();
    const sample = sampleRows(dataset, Math.min(Number(values.files), dataset.labels.length));
    const files = Array.from(sample, (row) => join(folder, names[row]));
    const contents = files.map((file) => readFileSync(file));
    const evaluated = async (/** @type {boolean} */ fold) => {
      const { logits, labels } = await answerImages(trained, dataset, { rows: sample, fold });
      return probabilitiesOf(logits, labels, classNames.length, trained.scaling).probabilities;
    };
    const [wanted, unfolded] = [await evaluated(true), await evaluated(false)];

    /** The greatest difference from what was evaluated. @param {readonly Pick<Prediction, "ranking">[]} predictions */
    const differenceOf = (predictions) => {
      if (predictions.length !== files.length) throw new Error(`${predictions.length} predictions of ${files.length}`);
      return Math.max(
        ...predictions.flatMap(({ ranking }, i) =>
          ranking.map(({ label, probability }) =>
            Math.abs(probability - wanted[i * classNames.length + classNames.indexOf(label)]),
          ),
        ),
      );
    };
    const modelFile = join(scratch, "model.safetensors");
    writeFileSync(modelFile, encodeModel(trained));
    const args = [main, "predict", modelFile, ...files, "--json"];
    const printed = execFileSync(process.execPath, args, { encoding: "utf8", maxBuffer: 2 ** 30, stdio: "pipe" });
    const base64 = contents.map((bytes) => bytes.toString("base64"));
    const sent = Buffer.from(encodeModel(trained)).toString("base64");
    const differences = [
      await trained.predictBatch(contents.map((bytes) => new Blob([bytes]))),
      JSON.parse(printed).pictures,
      chromiumPath ? await site.evaluate(address, "predictAll", sent, base64) : undefined,
    ].map((predictions) => predictions && differenceOf(predictions));
    const rounding = Math.max(...wanted.map((probability, i) => Math.abs(probability - unfolded[i])));
    if (differences.some((difference) => difference !== undefined && difference >= LIMIT)) process.exitCode = 1;
    rows.push({ about, files: files.length, classes: classNames.length, differences, rounding });
    console.error(`${about}: ${differences.join(", ")}`);
  }
} finally {
  await site.remove();
  rmSync(scratch, { recursive: true });
}
const markdown = [
  describe(on),
  `The greatest difference of a probability from that of \`evaluate --fold\`, after ${values.steps} steps of \`auto\`.`,
  table(
    ["Data set", "Files", "Classes", "Library", "`predict`", "Chromium", "`evaluate`, not folded"],
    rows.map(({ about, files, classes, differences, rounding }) => [
      about,
      `${files}`,
      `${classes}`,
      ...[...differences, rounding].map((difference) =>
        difference === undefined ? "no Chromium" : difference === 0 ? "0" : difference.toExponential(1),
      ),
    ]),
  ),
].join("\n\n");
publish("same-predictions", markdown, { machine: on, steps: Number(values.steps), rows });
