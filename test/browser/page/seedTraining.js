import { recipe, recipeTraining, train } from "inkling";

const [SIDE, CLASSES, COUNT] = [28, 10, 500];

/** Class k is a bright bar in a noisy square, by a small generator of pseudo-random numbers. */
function bars() {
  const images = new Uint8Array(COUNT * SIDE * SIDE);
  let state = 1;
  for (let i = 0; i < images.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const row = Math.floor(i / SIDE) % SIDE;
    const label = Math.floor(i / (SIDE * SIDE)) % CLASSES;
    images[i] = (state >>> 25) + (Math.floor((row * CLASSES) / SIDE) === label ? 128 : 0);
  }
  return {
    images,
    labels: Uint16Array.from({ length: COUNT }, (_, i) => i % CLASSES),
    imageShape: [SIDE, SIDE, 1],
    classNames: [..."ABCDEFGHIJ"],
    provenance: { source: "bars", description: "bars" },
    skipped: [],
  };
}

/** Trains the recipe `lenet` with dropout in WebAssembly, the same in Node, in a page and in a worker of one. */
export async function trainSeed({ steps, ...options }, data = bars()) {
  const shape = { images: { input: data.imageShape, classes: data.classNames }, trainingImages: data.labels.length };
  const overrides = { steps, learningRate: 0.01, keepProbability: 0.5 };
  const { model, ...settings } = recipeTraining(recipe("lenet"), shape, overrides);
  const run = train(model, data, { ...settings, backend: "wasm", ...options });
  const { weightsSha256, arithmetic, threads, imagesPerSecond } = await run.result();
  return { weightsSha256, arithmetic, threads, imagesPerSecond };
}
