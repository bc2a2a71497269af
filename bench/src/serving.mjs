import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import autocannon from "autocannon";
import { readImages } from "../../dist/datasets/index.js";
import { encodePng } from "../../dist/image/encodePng.js";
import { encodeModel, exportOnnx, recipe, recipeTraining, TrainingData, train } from "../../dist/index.node.js";
import { openDataset } from "../../dist/node.js";
import { median, speedup } from "./measure.mjs";
import { hasPython, python, script } from "./python.mjs";
import { describe, formatRate, machine, publish, table } from "./report.mjs";

/**
 * `inkling serve` beside the same model in ONNX Runtime behind FastAPI and uvicorn: `npm run serve`. Each is one process, and
 * gets the same picture, a PNG file of the model's size, again and again from a number of clients.
 */
const usage = `npm --prefix bench run serve -- [options]
  --recipe lenet
  --clients 1,16,64
  --rounds 3 --seconds 3   of each turn`;
const text = { type: /** @type {const} */ ("string") };
const { values } = parseArgs({
  options: { recipe: text, clients: text, rounds: text, seconds: text, help: { type: "boolean" } },
});
if (values.help) {
  console.log(usage);
  process.exit();
}

const on = machine();
const name = values.recipe ?? "lenet";
const clients = (values.clients ?? "1,16,64").split(",").map(Number);
const [rounds, seconds] = [Number(values.rounds ?? 3), Number(values.seconds ?? 3)];
const folder = mkdtempSync(join(tmpdir(), "inkling-serving-"));

const data = await openDataset("letters");
const divided = new TrainingData(data, { split: {}, seed: 1 });
const [height, width, channels] = data.imageShape;
const { model, ...settings } = recipeTraining(recipe(name), divided.shape);
const trained = await train(model, data, { ...settings, steps: 100, validateEvery: 0 }).model();
writeFileSync(join(folder, "model.safetensors"), encodeModel(trained));
writeFileSync(join(folder, "model.onnx"), await exportOnnx(trained));
const size = height * width * channels;
const image = new Uint8Array(size);
readImages(data, [0], image);
const picture = Buffer.from(encodePng(image, [height, width, channels]));

/** A port that is free now. @returns {Promise<number>} */
const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
      server.close(() => resolve(port));
    });
  });

/** Seconds of processor time that a process has used; NaN where the system does not say. @param {number} pid */
function processorSeconds(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
    return (Number(fields[11]) + Number(fields[12])) / 100; // user and system, in ticks
  } catch {
    return Number.NaN;
  }
}

/** @typedef {{ readonly name: string, readonly url: string, readonly pid: number, readonly end: () => Promise<void>, readonly label: string }} Contender */

/**
 * Starts a server, and waits until it answers.
 *
 * @param {string} title
 * @param {(port: string) => readonly string[]} command
 * @returns {Promise<Contender>}
 */
async function start(title, command) {
  const port = await freePort();
  const [program, ...args] = command(String(port));
  const env = { ...process.env, MODEL: join(folder, "model.onnx") };
  const child = spawn(program, args, { env, stdio: ["ignore", "ignore", "inherit"] });
  const ended = new Promise((resolve) => child.on("exit", resolve));
  const url = `http://127.0.0.1:${port}/v1/predict`;
  for (let tries = 0; ; tries++) {
    try {
      const response = await fetch(url, { method: "POST", body: picture });
      const { pictures } = await response.json();
      const end = async () => {
        child.kill("SIGTERM");
        await ended;
      };
      return { name: title, url, pid: child.pid ?? 0, label: pictures[0].label, end };
    } catch (error) {
      if (tries > 150 || child.exitCode !== null) throw new Error(`${title} does not answer`, { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

const main = fileURLToPath(new URL("../../dist/bundle/cli/main.js", import.meta.url));
const ours = (/** @type {string} */ backend) => (/** @type {string} */ port) => [
  ...[process.execPath, main, "serve", join(folder, "model.safetensors")],
  ...["--backend", backend, "--port", port],
];
const uvicorn = (/** @type {string} */ port) => [
  ...[python, "-m", "uvicorn", "serve_peer:app", "--app-dir", script(""), "--port", port],
  ...["--log-level", "warning", "--no-access-log"],
];

/** @type {Contender[]} */
const contenders = [];
/** @type {{ name: string, clients: number, rates: number[], p50: number[], p99: number[], cpu: number[], failed: number }[]} */
const results = [];
try {
  contenders.push(await start("Inkling, native", ours("native")), await start("Inkling, wasm", ours("wasm")));
  if (hasPython()) contenders.push(await start("ONNX Runtime, FastAPI", uvicorn));
  if (new Set(contenders.map(({ label }) => label)).size > 1) throw new Error("the answers differ");
  for (const count of clients)
    for (const { name } of contenders)
      results.push({ name, clients: count, rates: [], p50: [], p99: [], cpu: [], failed: 0 });
  // Round 0 warms up.
  for (let round = 0; round <= rounds; round++)
    for (const count of clients)
      for (const { name, url, pid } of contenders) {
        const options = { url, connections: count, duration: round === 0 ? 1 : seconds };
        const headers = { "Content-Type": "image/png" };
        const before = processorSeconds(pid);
        const done = await autocannon({ ...options, method: "POST", headers, body: picture });
        const result = results.find((found) => found.name === name && found.clients === count);
        if (!result || round === 0) continue;
        result.rates.push(done["2xx"] / done.duration);
        result.cpu.push((1e6 * (processorSeconds(pid) - before)) / done["2xx"]);
        result.p50.push(done.latency.p50);
        result.p99.push(done.latency.p99);
        result.failed += done.non2xx + done.errors + done.timeouts;
      }
} finally {
  for (const contender of contenders) await contender.end();
  rmSync(folder, { recursive: true, force: true });
}

const peers = results.filter(({ name }) => name === contenders.at(-1)?.name);
const rows = results.map(({ name, clients: count, rates, p50, p99, cpu, failed }) => {
  const peer = peers.find((found) => found.clients === count && found.name !== name && hasPython());
  return [
    `${name}, ${count} ${count === 1 ? "client" : "clients"}`,
    formatRate(median(rates)),
    peer ? `${speedup(rates, peer.rates).toFixed(1)}×` : "",
    `${median(cpu).toFixed(0)} µs`,
    `${median(p50)} ms`,
    `${median(p99)} ms`,
    String(failed),
  ];
});
const markdown = [
  `${describe(on)}; recipe ${name}, one process each, on the same processors as the clients`,
  table(
    ["Server", "Requests a second", "Times as many", "Processor time of one", "Median", "99th percentile", "Failed"],
    rows,
  ),
].join("\n\n");
publish("serving", markdown, { machine: on, recipe: name, results }, !values.recipe && !values.clients);
