import { conv2d, dense, globalAveragePool2d, network, relu } from "../../dist/index.node.js";
import { contendersHere } from "./contenders.mjs";
import { peakCommands } from "./peaks.mjs";
import { measureRates } from "./rates.mjs";
import { peakTable, percent } from "./rateTables.mjs";
import { describe, formatRate, machine, publish, table } from "./report.mjs";

/**
 * Whether cost grows as the work does: training of three 3×3 convolutions with other channels, images and batches than
 * those of the recipes, as a fraction of the peak: `npm run sizes`.
 */
const usual = { channels: 32, side: 28, batchSize: 64, threads: 2 };
const sizes = [
  ...[8, 16, 32, 64, 128].map((channels) => ({ ...usual, channels })),
  ...[14, 56, 112].map((side) => ({ ...usual, side })),
  ...[4, 16, 256, 1024].map((batchSize) => ({ ...usual, batchSize })),
  { ...usual, batchSize: 1, threads: 1 },
];

const classes = [..."ABCDEFGHIJ"];
const nameOf = (/** @type {{ channels: number, side: number }} */ { channels, side }) =>
  `${channels} of ${side}×${side}`;
const networks = Object.fromEntries(
  sizes.map(({ channels, side }) => {
    const convolution = () => [conv2d(channels, 3, { padding: "same" }), relu()];
    const convolutions = [...convolution(), ...convolution(), ...convolution()];
    const layers = [...convolutions, globalAveragePool2d(), dense(classes.length)];
    const settings = { learningRate: 0.001, momentum: 0, weightDecay: 0 };
    const name = nameOf({ channels, side });
    return [name, { title: name, model: network({ input: [side, side, 3], classes }, layers), settings }];
  }),
);

const on = machine();
const { rows, peaks } = await measureRates(
  sizes.map(({ batchSize, threads, ...size }) => ({ network: nameOf(size), mode: "training", batchSize, threads })),
  { contenders: contendersHere(["inkling"]), peaks: peakCommands(), networks, rounds: 5, seconds: 0.4 },
);

const names = [...new Set(rows.map(({ name }) => name))];
const best = names.map((name) => Math.max(...rows.filter((row) => row.name === name).map(({ fraction }) => fraction)));
const found = (/** @type {typeof sizes[number]} */ { batchSize, threads, ...size }, /** @type {string} */ name) =>
  rows.find((row) => {
    const { setting } = row;
    return (
      row.name === name &&
      setting.network === nameOf(size) &&
      setting.batchSize === batchSize &&
      setting.threads === threads
    );
  });
const markdown = [
  describe(on),
  peakTable(peaks),
  table(
    [
      "Channels and image",
      "Batch",
      "Threads",
      "MFLOP an image",
      ...names.flatMap((name) => [`${name}: of the peak`, "images/s"]),
    ],
    sizes.map((size) => [
      nameOf(size),
      `${size.batchSize}`,
      `${size.threads}`,
      ((found(size, names[0])?.flops ?? 0) / 1e6).toFixed(1),
      ...names.flatMap((name, k) => {
        const row = found(size, name);
        if (!row) return ["", ""];
        return [
          `${percent(row.fraction)}${row.fraction < best[k] / 2 ? " (low)" : ""}`,
          formatRate(row.imagesPerSecond),
        ];
      }),
    ]),
  ),
  "“Low” is under half of the best of its column.",
].join("\n\n");
publish("sizes", markdown, { machine: on, peaks, rows });
