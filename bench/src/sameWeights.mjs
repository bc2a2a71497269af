import { nativeBackend } from "../../dist/backends/native/node/backend.js";
import { probeCompiler } from "../../dist/backends/native/node/compiler.js";
import { backend, recipe, recipeTraining, train } from "../../dist/index.node.js";
import { avx2, avx512, sse } from "../../dist/ir/machine.js";
import { openDataset } from "../../dist/node.js";
import { describe, machine, publish, table } from "./report.mjs";

/**
 * Whether 1,000 steps on the letters give the same weights on every back end, with every width of vectors and
 * number of threads: `npm run same-weights`. The checksums are those of WebAssembly on one thread, Node 20, in the
 * version that had nothing else; that of Winograd's algorithm is of its first version.
 */
const expected = [
  {
    name: "Recipe `lenet`",
    recipe: "lenet",
    values: { keepProbability: 0.5 },
    sha256: "1d03d6eb24cc8b650a51c004fa1f30f497df3007f4ecb175fefca0a779b12d73",
  },
  {
    name: "Recipe `fast`",
    recipe: "fast",
    values: { learningRate: 0.1 },
    sha256: "74d0f34e8cfcaf28e6585193ddd3b004a354bd79eb9082455722933a22297cc3",
  },
  {
    name: "Recipe `lenet`, Winograd",
    recipe: "lenet",
    values: { winograd: true },
    sha256: "4b36431f34c2e13089ded81a2f1cd8d043908575d6c5e32d93e804a3937a1243",
  },
];
const STEPS = 1000;

/** Those of gcc and clang that there are. */
const compilers = ["gcc", "clang"].map((name) => probeCompiler([name])).filter((found) => typeof found !== "string");
const machines = { sse, avx2, avx512 };
const settings = [
  ...[1, 2, 3, 8].map((threads) => ({ name: "wasm", on: backend("wasm"), threads })),
  ...[1, 2, 3, 8].map((threads) => ({ name: "native", on: backend("native"), threads })),
  ...compilers.flatMap((compiler) =>
    Object.values(machines).map((width) => ({
      name: `${compiler.name}, vectors of ${width.widths[0]}`,
      on: nativeBackend(compiler, { machine: width }),
      threads: 2,
    })),
  ),
];

const letters = await openDataset("letters");
const images = { input: letters.imageShape, classes: letters.classNames };
const shape = { images, trainingImages: letters.labels.length };
const on = machine();
const rows = [];
for (const { name, on: where, threads } of settings) {
  const cells = [];
  for (const { name: column, recipe: recipeName, values, sha256 } of expected) {
    const overrides = { ...values, steps: STEPS, validateEvery: 0 };
    const { model, ...settings } = recipeTraining(recipe(recipeName), shape, overrides);
    const run = train(model, letters, { ...settings, backend: where, threads });
    const { weightsSha256, imagesPerSecond } = await run.result();
    const same = weightsSha256 === sha256;
    if (!same) process.exitCode = 1;
    cells.push(`${same ? "the same" : `differ: ${weightsSha256.slice(0, 8)}`}`);
    console.error(`${name}, ${threads} threads, ${column}: ${cells.at(-1)} (${Math.round(imagesPerSecond)} images/s)`);
  }
  rows.push({ name, threads, cells });
}
const markdown = [
  describe(on),
  `Weights after ${STEPS.toLocaleString("en")} steps on the letters, beside those of WebAssembly on one thread.`,
  table(
    ["Back end", "Threads", ...expected.map(({ name: column }) => column)],
    rows.map(({ name, threads, cells }) => [name, `${threads}`, ...cells]),
  ),
].join("\n\n");
publish("same-weights", markdown, { machine: on, steps: STEPS, expected, rows });
