/**
 * The same study with 1, 2, 4 and 8 workers, on this machine alone and through a real Redis server; and through Redis with 20
 * kills of workers, 5 of the searching process, a restart of Redis and one FLUSHALL. Compares trials, their scores and states,
 * and the SHA-256 of all weights.
 *
 *     npm --prefix bench run search-kills -- [--trials 30] [--steps 60] [--kills 20]
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { readStudy } from "../../../dist/node.js";
import { freePort, startRedis } from "./redis.mjs";

const { Redis } = createRequire(import.meta.url)("ioredis");
const { values: options } = parseArgs({
  options: {
    trials: { type: "string", default: "30" },
    steps: { type: "string", default: "60" },
    kills: { type: "string", default: "20" },
  },
});
const kills = Number(options.kills);
const main = fileURLToPath(new URL("../../../dist/bundle/cli/main.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "inkling-kills-"));
const port = await freePort();
let redis = await startRedis(port);
const address = `redis://127.0.0.1:${port}`;

/** @param {readonly string[]} args */
const inkling = (...args) =>
  spawn(process.execPath, [main, ...args], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });

/** What begins a study in a folder. @param {string} out */
const command = (out) => [
  ...[
    "search",
    "letters",
    "--recipe",
    "lenet",
    "--backend",
    "wasm",
    "--steps",
    options.steps,
    "--trials",
    options.trials,
  ],
  ...["--pruning", "halving", "--comparisons", "1", "--out", out, "--keep", "best:2"],
  ...["--training-size", "2000", "--validation-size", "1000", "--test-size", "1000"],
];

/** Everything that a study has found. @param {string} out */
async function found(out) {
  const { study, records } = await readStudy(join(folder, out));
  const weights = records.map(({ trial, rung, weightsSha256 }) => `${trial}/${rung} ${weightsSha256}`).sort();
  return {
    text: JSON.stringify({ isDone: study.isDone, trials: study.trials, weights }),
    twice: weights.length - new Set(weights.map((line) => line.split(" ")[0])).size,
    winner: records.findLast(({ trial }) => trial === study.best?.number)?.weightsSha256,
    results: records.length,
  };
}

/** Runs a search to its end. @param {string} out @param {string[]} how */
async function search(out, ...how) {
  const child = inkling(...command(out), ...how);
  child.stdout.resume();
  let said = "";
  child.stderr.on("data", (chunk) => (said += chunk));
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(said);
}

/** @param {number} count */
const startWorkers = (count) => Array.from({ length: count }, startWorker);
const startWorker = () => {
  const worker = inkling("worker", address, "--concurrency", "1", "--threads", "1", "--stalled-after", "3s");
  worker.stdout.resume();
  return worker;
};

/** @type {Awaited<ReturnType<typeof found>> | undefined} */
let first;
/** @param {string} name @param {string} out */
async function report(name, out) {
  const study = await found(out);
  first ??= study;
  const same = study.text === first.text ? "identical" : "DIFFERENT";
  console.log(
    `${name}: ${same}; ${study.results} results, ${study.twice} of them twice; winner ${study.winner?.slice(0, 16)}`,
  );
  if (same !== "identical") process.exitCode = 1;
}

for (const workers of [1, 2, 4, 8]) {
  await search(`local-${workers}`, "--workers", `${workers}`);
  await report(`${workers} local`, `local-${workers}`);
}
for (const count of [1, 2, 4, 8]) {
  const workers = startWorkers(count);
  await search(`queue-${count}`, "--queue", address);
  for (const worker of workers) worker.kill("SIGTERM");
  await report(`${count} through Redis`, `queue-${count}`);
}

// With kills: of a worker each time that some worker begins a trial; of the search, of Redis, and of all that Redis has in between.
const connection = new Redis(address);
connection.on("error", () => {});
let killed = 0;
let searches = 0;
let isDone = false;
/** @type {ReturnType<typeof inkling> | undefined} */
let current;
/** @type {string[]} */
const events = [];
/** @param {ReturnType<typeof inkling>} worker */
function harass(worker) {
  let begun = 0;
  worker.stderr.on("data", async (chunk) => {
    begun += String(chunk).split("training").length - 1;
    if (begun < 2 || killed >= kills || isDone) return;
    begun = Number.NEGATIVE_INFINITY;
    killed++;
    worker.kill("SIGKILL");
    harass(startTracked());
    if (killed % 4 === 0 && searches < 5) {
      searches++;
      current?.kill("SIGKILL");
    }
    if (killed === 7) {
      events.push("Redis restarted");
      redis.kill("SIGKILL");
      await once(redis, "exit");
      redis = await startRedis(port);
    }
    if (killed === 13) {
      events.push("Redis flushed");
      await connection.flushall();
    }
  });
}
/** @type {Set<ReturnType<typeof inkling>>} */
const tracked = new Set();
const startTracked = () => {
  const worker = startWorker();
  tracked.add(worker);
  worker.once("exit", () => tracked.delete(worker));
  return worker;
};
for (let k = 0; k < 3; k++) harass(startTracked());
for (let attempt = 0; !isDone; attempt++) {
  current =
    attempt === 0
      ? inkling(...command("killed"), "--queue", address)
      : inkling("search", "--resume", "killed", "--queue", address);
  current.stdout.resume();
  let said = "";
  current.stderr.on("data", (chunk) => (said += chunk));
  const [code, signal] = await once(current, "exit");
  if (code === 0) isDone = true;
  else if (signal !== "SIGKILL") throw new Error(said);
}
for (const worker of tracked) worker.kill("SIGTERM");
await report(`${killed} kills of workers, ${searches} of the search, ${events.join(", ")}`, "killed");
connection.disconnect();
redis.kill();
rmSync(folder, { recursive: true, force: true });
