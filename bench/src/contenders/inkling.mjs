import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { imagesInMemory } from "../../../dist/engine/feed.js";
import { Predictor } from "../../../dist/evaluation/predictor.js";
import { backend, TrainedModel, train, withWinograd } from "../../../dist/index.node.js";
import { readCaseFolder } from "../caseFolder.mjs";
import { datasetOf } from "../data.mjs";
import { optimizerOf } from "../networks.mjs";
import { serve, timed, Unsupported } from "../serve.mjs";

/** Inkling on the given back end, through its public interface. */
const text = { type: /** @type {const} */ ("string") };
const { values } = parseArgs({
  options: {
    backend: { ...text, default: "native" },
    threads: { ...text, default: "1" },
    winograd: { type: "boolean" },
  },
});
const threads = Number(values.threads);

/** @type {{ version: string }} */
const { version } = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8"));

/** @typedef {ReturnType<typeof readCaseFolder>} Case @typedef {import("../serve.mjs").Runner} Runner */

const valuesOf = (/** @type {Case["weights"]} */ weights) =>
  new Map([...weights].map(([name, { data }]) => [name, data]));

/** The case with Winograd's algorithm, if that is asked for. @param {Case} read @returns {Case} */
function withAlgorithm(read) {
  if (!values.winograd) return read;
  const { model } = read.network;
  const changed = withWinograd(model);
  if (JSON.stringify(changed) === JSON.stringify(model))
    throw new Unsupported("no convolution for Winograd's algorithm");
  return { ...read, network: { ...read.network, model: changed } };
}

/** `train()` without validations; its events say how far it has come. @param {Case} read @param {number} batchSize */
async function trainer({ network, images, labels }, batchSize) {
  const { model, settings } = network;
  const stop = new AbortController();
  const run = train(model, datasetOf(model, images, labels), {
    batchSize,
    steps: 1e9,
    optimizer: optimizerOf(settings),
    split: { validation: 16, test: 16 },
    validateEvery: 0,
    checkpointEvery: 1e6,
    backend: values.backend,
    threads,
    signal: stop.signal,
  });
  const events = run[Symbol.asyncIterator]();
  const next = async () => {
    const { value } = await events.next();
    if (!value) throw new Error("the training has ended");
    return value;
  };
  const close = async () => {
    stop.abort();
    await run.result().catch(() => {});
  };
  const start = await next();
  if (start.type === "start" && start.backend !== values.backend) {
    await close();
    throw new Unsupported(`no ${values.backend} back end here`);
  }
  let done = 0;
  const advance = async (/** @type {number} */ steps) => {
    const started = performance.now();
    const first = done;
    while (done < first + steps) {
      const event = await next();
      if (event.type === "progress") done = event.step;
    }
    return { steps: done - first, seconds: (performance.now() - started) / 1000 };
  };
  return { run: advance, close };
}

/** Images in the host's memory, to logits there. @param {Case} read @param {number} batchSize */
async function predictor({ network, weights, images, labels }, batchSize) {
  const trained = { model: network.model, weights: valuesOf(weights) };
  const predict = await Predictor.create(trained, backend(values.backend), { batchSize, threads });
  const size = images.length / labels.length;
  const batches = Math.floor(labels.length / batchSize);
  const read = imagesInMemory(images, size);
  const rows = Array.from({ length: batches }, (_, k) =>
    Uint32Array.from({ length: batchSize }, (_, i) => k * batchSize + i),
  );
  const step = (/** @type {number} */ k) => predict.logits(read, /** @type {Uint32Array} */ (rows[k % batches]));
  return { results: [...(await step(0))], run: timed(step) };
}

/** `predict()` for one image. @param {Case} read */
async function answers({ network, weights, images, labels }) {
  const trained = new TrainedModel(network.model, valuesOf(weights), backend(values.backend));
  const size = images.length / labels.length;
  const image = (/** @type {number} */ k) => images.subarray(k * size, (k + 1) * size);
  await trained.predict(image(0)); // the first one compiles
  return { run: timed((k) => trained.predict(image(k % labels.length))) };
}

serve(async ({ folder, mode, batchSize }) => {
  const read = withAlgorithm(readCaseFolder(folder));
  /** @type {Record<string, (read: Case, batchSize: number) => unknown>} */
  const modes = { training: trainer, inference: predictor, latency: answers };
  const made = /** @type {Pick<Runner, "run">} */ (await modes[mode](read, batchSize));
  return { version, parameters: read.parameters, ...made };
});
