import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { median } from "./measure.mjs";
import { describe, machine, publish, table } from "./report.mjs";

/**
 * How long it takes to the first step of training the recipe `lenet`: from the start of Node, and from the call of
 * `train()`, with compiled code in the cache or without: `npm run cold-start`.
 */
const ROUNDS = 7;
const program = fileURLToPath(new URL("firstStep.mjs", import.meta.url));
const settings = [
  { name: "wasm", backend: "wasm", cold: false },
  { name: "native, nothing in the cache", backend: "native", cold: true },
  { name: "native, compiled before", backend: "native", cold: false },
];

const warm = mkdtempSync(join(tmpdir(), "inkling-cold-start-"));

/** Seconds to the first step. @param {typeof settings[number]} setting */
async function firstStep({ backend, cold }) {
  const cache = cold ? mkdtempSync(join(tmpdir(), "inkling-cold-start-")) : warm;
  const started = performance.now();
  const child = spawn(process.execPath, [program, backend], {
    env: { ...process.env, INKLING_CACHE: cache },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const line = await new Promise((resolve) => child.stdout.once("data", resolve));
  const fromStart = (performance.now() - started) / 1000;
  await new Promise((resolve) => child.once("exit", resolve));
  if (cold) rmSync(cache, { recursive: true });
  return { fromStart, fromCall: /** @type {number} */ (JSON.parse(`${line}`).seconds) };
}

const on = machine();
/** @type {{ fromStart: number, fromCall: number }[][]} */
const rounds = settings.map(() => []);
for (const setting of settings) await firstStep(setting);
for (let round = 0; round < ROUNDS; round++)
  for (const [k, setting] of settings.entries()) rounds[k].push(await firstStep(setting));
rmSync(warm, { recursive: true });

const seconds = (/** @type {readonly number[]} */ all) =>
  `${median(all).toFixed(2)} s (${Math.min(...all).toFixed(2)}–${Math.max(...all).toFixed(2)})`;
const markdown = [
  describe(on),
  table(
    ["First step of training", "From the start of Node", "From the call of train()"],
    settings.map(({ name }, k) => [
      name,
      seconds(rounds[k].map(({ fromStart }) => fromStart)),
      seconds(rounds[k].map(({ fromCall }) => fromCall)),
    ]),
  ),
].join("\n\n");
publish("cold-start", markdown, { machine: on, settings, rounds });
