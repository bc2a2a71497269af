import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { train } from "../../dist/index.node.js";
import { randomDataset } from "./data.mjs";
import { networks, optimizerOf } from "./networks.mjs";

/**
 * Measures how much a process grows over many short trainings, run to the end and aborted, on every back end with one and
 * two threads: `npm run many-trainings`, or `npm run many-trainings -- --trainings 100`.
 */
const { trainings, only } = parseArgs({
  options: { trainings: { type: "string", default: "1000" }, only: { type: "string" } },
}).values;
const WARM_UP = 100;

/**
 * @param {string} backend
 * @param {number} threads
 * @param {boolean} aborted
 */
async function grow(backend, threads, aborted) {
  const { model, settings } = networks.lenet;
  const dataset = randomDataset(model, 64);
  let before = 0;
  for (let k = 0; k < WARM_UP + Number(trainings); k++) {
    if (k === WARM_UP) before = process.memoryUsage.rss();
    const controller = new AbortController();
    const options = { steps: 4, validateEvery: 0, optimizer: optimizerOf(settings), signal: controller.signal };
    const run = train(model, dataset, { ...options, backend, threads });
    try {
      for await (const { type } of run) if (aborted && type === "progress") controller.abort();
    } catch (error) {
      if (!aborted) throw error;
    }
  }
  return process.memoryUsage.rss() - before;
}

if (only !== undefined) {
  const [backend = "", threads, aborted] = only.split(" ");
  console.log(await grow(backend, Number(threads), aborted === "aborted"));
} else
  for (const backend of ["native", "wasm"])
    for (const threads of [1, 2])
      for (const end of ["to the end", "aborted"]) {
        const args = ["--trainings", trainings, "--only", `${backend} ${threads} ${end}`];
        const bytes = execFileSync(process.execPath, [fileURLToPath(import.meta.url), ...args], { encoding: "utf8" });
        const grown = (Number(bytes) / 1e6).toFixed(1);
        console.log(`${backend}, ${threads} threads, ${trainings} trainings ${end}: grown by ${grown} MB`);
      }
