import { createInterface } from "node:readline";
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import "../../dist/index.node.js"; // lets Node 20 have the fused multiply-add
import { Bytes } from "../../dist/backends/wasm/bytes.js";

/**
 * The most fused multiply-adds that WebAssembly does: 128-bit vectors, all operands in registers, each accumulator
 * with a start of its own, as in peak.c. Usage: wasmPeak.mjs THREADS
 */
const CHAINS = 12;
const LANES = 4;
const LOOPS = 200_000;

const [I32, V128] = [0x7f, 0x7b];
const SIMD = 0xfd;
const section = (/** @type {number} */ id, /** @type {Bytes} */ content) => {
  const body = content.toArray();
  return new Bytes().byte(id).unsigned(body.length).append(body).toArray();
};
const splat = (/** @type {Bytes} */ code, /** @type {number} */ value) => {
  const float = new Uint8Array(Float32Array.of(value).buffer);
  code.byte(0x43).append(float).byte(SIMD).unsigned(19);
};

/** (loops: i32) → v128's first lane as i32, so that nothing is optimized away. */
function peakModule() {
  const [count, factor, term] = [0, 1, 2];
  const sum = (/** @type {number} */ c) => 3 + c;
  const code = new Bytes()
    .unsigned(1)
    .unsigned(2 + CHAINS)
    .byte(V128);
  splat(code, 0.999);
  code.byte(0x21).unsigned(factor);
  splat(code, 0.001);
  code.byte(0x21).unsigned(term);
  for (let c = 0; c < CHAINS; c++) {
    splat(code, 1 + c);
    code.byte(0x21).unsigned(sum(c));
  }
  code.byte(0x03, 0x40); // loop
  for (let c = 0; c < CHAINS; c++) {
    for (const local of [sum(c), factor, term]) code.byte(0x20).unsigned(local);
    code.byte(SIMD).unsigned(0x105).byte(0x21).unsigned(sum(c)); // f32x4.relaxed_madd
  }
  code.byte(0x20).unsigned(count).byte(0x41, 1, 0x6b, 0x22).unsigned(count).byte(0x0d, 0, 0x0b); // until count is 0
  code.byte(0x20).unsigned(sum(0));
  for (let c = 1; c < CHAINS; c++) code.byte(0x20).unsigned(sum(c)).byte(SIMD).unsigned(228); // f32x4.add
  code.byte(SIMD).unsigned(27).byte(0, 0x0b); // i32x4.extract_lane 0
  const body = code.toArray();
  return new Bytes()
    .byte(0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0)
    .append(section(1, new Bytes().byte(1, 0x60, 1, I32, 1, I32)))
    .append(section(3, new Bytes().byte(1, 0)))
    .append(section(7, new Bytes().byte(1, 1, 0x66, 0, 0)))
    .append(section(10, new Bytes().byte(1).unsigned(body.length).append(body)))
    .toArray();
}

/** Runs that many steps on this thread. */
async function compiled() {
  const { instance } = await WebAssembly.instantiate(peakModule());
  const loop = /** @type {(loops: number) => number} */ (instance.exports["f"]);
  return (/** @type {number} */ steps) => {
    for (let step = 0; step < steps; step++) loop(LOOPS);
  };
}

const run = await compiled();
if (isMainThread) await serveMain(Number(process.argv[2]));
else parentPort?.on("message", (steps) => parentPort?.postMessage(run(steps)));

async function serveMain(/** @type {number} */ threads) {
  const workers = Array.from({ length: threads - 1 }, () => new Worker(new URL(import.meta.url)));
  for await (const line of createInterface({ input: process.stdin })) {
    const { run: steps } = JSON.parse(line);
    const started = performance.now();
    const others = workers.map((worker) => new Promise((resolve) => worker.once("message", resolve)));
    for (const worker of workers) worker.postMessage(steps);
    run(steps);
    await Promise.all(others);
    const seconds = (performance.now() - started) / 1000;
    const flops = 2 * LANES * CHAINS * LOOPS * threads;
    process.stdout.write(`${JSON.stringify({ steps, seconds, flops })}\n`);
  }
  for (const worker of workers) await worker.terminate();
}
