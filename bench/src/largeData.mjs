import { recipe, recipeTraining, train } from "../../dist/index.js";
import { openStreamed, savePack } from "../../dist/node.js";

/**
 * One measurement of `memory.mjs`, in a process of its own, since a peak is one of a process:
 *
 *     node src/largeData.mjs memory IMAGES     trains on that many images in memory
 *     node src/largeData.mjs pack IMAGES FILE  writes that many to a file, for the next
 *     node src/largeData.mjs file IMAGES FILE  trains on them where they are
 */
const [, , where, images, file] = process.argv;
const SIDE = 28;
const SIZE = SIDE * SIDE;
const STEPS = 2_000;
const CLASSES = [..."ABCDEFGHIJ"];

/** Noise with a bright bar for its class, and the image's number in its first pixels, so that no two are the same. */
const noise = Uint8Array.from({ length: 2 ** 16 + SIZE }, (_, i) => (Math.imul(i, 0x9e3779b1) >>> 25) & 127);

/** @param {number} row @param {Uint8Array} target @param {number} at */
function draw(row, target, at) {
  const start = Math.imul(row, 911) & 0xffff;
  target.set(noise.subarray(start, start + SIZE), at);
  target.fill(255, at + (2 + 2 * (row % CLASSES.length)) * SIDE, at + (4 + 2 * (row % CLASSES.length)) * SIDE);
  for (let byte = 0; byte < 4; byte++) target[at + byte] = row >>> (8 * byte);
}

/** @param {number} count */
const described = (count) => ({
  labels: Uint16Array.from({ length: count }, (_, row) => row % CLASSES.length),
  imageShape: /** @type {const} */ ([SIDE, SIDE, 1]),
  classNames: CLASSES,
  provenance: { source: "bench", description: "bars in noise" },
  skipped: [],
});

/** @param {number} count @returns {import("../../dist/index.js").Dataset} */
function inMemory(count) {
  const all = new Uint8Array(count * SIZE);
  for (let row = 0; row < count; row++) draw(row, all, row * SIZE);
  return { ...described(count), images: all };
}

/** @param {number} count @returns {import("../../dist/index.js").StreamedDataset} */
const drawn = (count) => ({
  ...described(count),
  read(rows, target) {
    for (let i = 0; i < rows.length; i++) draw(rows[i], target, i * SIZE);
  },
});

/** @param {import("../../dist/index.js").AnyDataset} dataset */
async function trainOn(dataset) {
  const images = { input: dataset.imageShape, classes: dataset.classNames };
  const { model } = recipeTraining(recipe("lenet"), { images, trainingImages: dataset.labels.length });
  const split = { validation: 2_000, test: 2_000 };
  const started = performance.now();
  const run = train(model, dataset, { steps: STEPS, split, validateEvery: 500 });
  let ready = 0;
  for await (const event of run) if (event.type === "start") ready = performance.now() - started;
  const { imagesPerSecond, weightsSha256, threads } = await run.result();
  return { secondsToFirstStep: ready / 1000, imagesPerSecond, threads, weightsSha256 };
}

const count = Number(images);
const started = performance.now();
if (where === "pack") await savePack(drawn(count), file);
else {
  const dataset = where === "memory" ? inMemory(count) : await openStreamed(file);
  const secondsToOpen = (performance.now() - started) / 1000;
  const peak = () => process.resourceUsage().maxRSS * 1024;
  console.log(JSON.stringify({ bytes: count * SIZE, secondsToOpen, ...(await trainOn(dataset)), peak: peak() }));
}
