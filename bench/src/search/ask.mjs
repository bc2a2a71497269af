/**
 * The time to propose the parameters of a trial after 1,000 others, of Inkling's TPE and of Optuna's in turn, on the space of the
 * recipe lenet: medians of 100.
 *
 *     npm --prefix bench run search-ask -- [--history 1000] [--python PYTHON]
 */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { recipe, Study, sampler } from "../../../dist/index.node.js";

const { values: options } = parseArgs({
  options: {
    history: { type: "string", default: "1000" },
    python: { type: "string", default: fileURLToPath(new URL("../../.venv/bin/python", import.meta.url)) },
  },
});
const history = Number(options.history);
const ASKED = 100;
const space = recipe("lenet").space ?? {};
const definition = {
  space,
  initial: [],
  seed: 1,
  maximize: false,
  lag: 1,
  pruning: { type: "none", factor: 3, comparisons: 0 },
};
/** @param {import("../../../dist/index.js").Parameters} parameters */
const loss = ({ learningRate, momentum }) =>
  Math.abs(Math.log(Number(learningRate) / 0.05)) + Math.abs(Number(momentum) - 0.5);

const study = new Study(/** @type {any} */ ({ ...definition, sampler: "random" }), history);
for (let [job] = study.ready(); job; [job] = study.ready()) study.tell(job.step, { score: loss(job.parameters) });
const tpe = sampler("tpe");
const seen = study.trials.map(({ number, parameters }) => ({
  trial: number,
  parameters,
  loss: loss(parameters),
  resource: 1,
}));
const times = Array.from({ length: ASKED }, (_, k) => {
  const began = performance.now();
  tpe.ask({ space, seed: 1, trial: history + k, history: seen, pending: [] });
  return performance.now() - began;
});
const median = times.toSorted((a, b) => a - b)[ASKED / 2];
const script = fileURLToPath(new URL("../../peers/search.py", import.meta.url));
const optuna = execFileSync(options.python, [script, "--ask", String(history)], { encoding: "utf8" }).trim();
console.log(`after ${history} trials: tpe ${median?.toFixed(2)} ms, Optuna ${Number(optuna).toFixed(2)} ms`);
