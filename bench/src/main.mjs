import { parseArgs } from "node:util";
import { contendersHere } from "./contenders.mjs";
import { networks } from "./networks.mjs";
import { peakCommands } from "./peaks.mjs";
import { measureRates } from "./rates.mjs";
import { latencyTable, peakTable, rateTable, versionList } from "./rateTables.mjs";
import { describe, machine, publish } from "./report.mjs";

/** Measures training, inference and latency beside other engines: `npm start`. Options leave some of it out. */
const usage = `npm --prefix bench start -- [options]
  --mode training,inference,latency   default: all
  --only lenet,lenet-no-lrn,3x3,3x3-color,fast
  --batch 16,128                      default: training 16 and 128; inference 1, 16 and 1000
  --threads 1,2
  --with inkling,tensorflow           contenders whose names contain one of these
  --rounds 5  --seconds 0.4           rounds that count, and the length of a turn
  --quick                             turns of 0.1 s`;

const text = { type: /** @type {const} */ ("string") };
const { values } = parseArgs({
  options: {
    ...{ mode: text, only: text, batch: text, threads: text, with: text, rounds: text, seconds: text },
    quick: { type: "boolean" },
    help: { type: "boolean" },
  },
});
if (values.help) {
  console.log(usage);
  process.exit();
}

const list = (/** @type {string | undefined} */ words) => words?.toLowerCase().split(",");
const numbers = (/** @type {string | undefined} */ words) => list(words)?.map(Number);

/** @type {Readonly<Record<string, readonly number[]>>} */
const batchSizes = { training: [16, 128], inference: [1, 16, 1000], latency: [1] };
const names = list(values.only) ?? Object.keys(networks);
const modes = list(values.mode) ?? Object.keys(batchSizes);
const threads = numbers(values.threads) ?? [1, 2];
const batchesOf = (/** @type {string} */ mode) => (mode !== "latency" && numbers(values.batch)) || batchSizes[mode];
const settings = modes.flatMap((mode) =>
  names.flatMap((network) =>
    batchesOf(mode).flatMap((batchSize) => threads.map((n) => ({ network, mode, batchSize, threads: n }))),
  ),
);

const on = machine();
const measured = await measureRates(settings, {
  contenders: contendersHere(list(values.with)),
  peaks: peakCommands(),
  rounds: Number(values.rounds ?? 5),
  seconds: Number(values.seconds ?? (values.quick ? 0.1 : 0.4)),
});

for (const mode of modes) {
  const isOf = (/** @type {{ setting: { mode: string } }} */ { setting }) => setting.mode === mode;
  const rows = measured.rows.filter(isOf);
  const tableOf = mode === "latency" ? latencyTable : rateTable;
  const tables = names.flatMap((network) => {
    const some = rows.filter(({ setting }) => setting.network === network);
    const megaflops = (some[0]?.flops / 1e6).toFixed(1);
    return some.length === 0 ? [] : [`**${networks[network].title}**, ${megaflops} MFLOP an image`, tableOf(some)];
  });
  const markdown = [describe(on), versionList(rows), peakTable(measured.peaks), ...tables].join("\n\n");
  const whole = Object.keys(values).every((option) => option === "mode");
  publish(mode, markdown, { machine: on, peaks: measured.peaks, rows }, whole);
}
