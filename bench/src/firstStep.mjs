import { train } from "../../dist/index.node.js";
import { randomDataset } from "./data.mjs";
import { networks, optimizerOf } from "./networks.mjs";

/** Trains one step on the given back end, and prints the seconds that it took: what coldStart.mjs runs. */
const { model, settings } = networks.lenet;
const data = randomDataset(model, 64);
const started = performance.now();
const options = { steps: 1, split: { validation: 16, test: 16 }, optimizer: optimizerOf(settings) };
for await (const event of train(model, data, { ...options, backend: process.argv[2] }))
  if (event.type === "progress") {
    console.log(JSON.stringify({ seconds: (performance.now() - started) / 1000 }));
    break;
  }
