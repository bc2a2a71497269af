/**
 * Trials an hour with one worker and with two on this machine: the same study in turn, with trials of equal length. Two minutes on
 * two idle cores; with 12 trials of 5,000 steps, one round of `--rounds 1` takes as long.
 *
 *     npm --prefix bench run search-workers -- [--trials 20] [--rounds 2] [--steps 5000]
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { describe, machine, table } from "../report.mjs";

const text = { type: /** @type {const} */ ("string") };
const { values: options } = parseArgs({
  options: { trials: { ...text, default: "20" }, rounds: { ...text, default: "2" }, steps: text },
});
const main = fileURLToPath(new URL("../../../dist/bundle/cli/main.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "inkling-workers-"));
/** Workers, and threads of all of them together. */
const arrangements = [
  [1, 1],
  [1, 2],
  [2, 2],
];

/**
 * Trials an hour, from the start of the first to the end of the last.
 *
 * @param {string} out
 * @param {readonly number[]} arrangement
 */
function rate(out, [workers, threads], trials = Number(options.trials)) {
  const args = [
    ...["search", "letters", "--recipe", "lenet", "--trials", `${trials}`, "--sampler", "random", "--out", out],
    ...(options.steps === undefined ? [] : ["--steps", options.steps]),
    ...["--space", "learning-rate=log:0.01..0.1", "--space", "momentum=0..0.5"],
    ...["--workers", `${workers}`, "--threads", `${threads}`],
  ];
  const { status, stderr } = spawnSync(process.execPath, [main, ...args], { cwd: folder, encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  const lines = readFileSync(join(folder, out, "journal.jsonl"), "utf8")
    .trim()
    .split("\n");
  const times = lines.flatMap((line) => {
    const { datetime_start: start, datetime_complete: end } = JSON.parse(line);
    return [start, end].filter((time) => time !== undefined).map((time) => Date.parse(time));
  });
  return (3_600_000 * trials) / (Math.max(...times) - Math.min(...times));
}

const on = machine();
rate("warm", [1, 1], 1); // compiles
/** @type {number[][]} */
const rates = arrangements.map(() => []);
for (let round = 0; round < Number(options.rounds); round++)
  for (const [k, arrangement] of arrangements.entries()) rates[k].push(rate(`${round}-${k}`, arrangement));
rmSync(folder, { recursive: true });
const best = rates.map((all) => Math.max(...all));
console.log(describe(on));
console.log(
  table(
    ["workers", "threads each", "trials an hour", "beside one worker and thread"],
    arrangements.map(([workers, threads], k) => [
      `${workers}`,
      `${threads / workers}`,
      best[k].toFixed(0),
      (best[k] / best[0]).toFixed(2),
    ]),
  ),
);
