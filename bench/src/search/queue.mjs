/**
 * What a queue costs a trial: trials that only sleep, through a real Redis server on this machine, with the given numbers of
 * workers. Prints the milliseconds that a trial takes beyond its sleep, and those between trials that do not sleep.
 *
 *     npm --prefix bench run search-queue -- [--workers 50,500] [--sleep 1000] [--rounds 6]
 */
import { parseArgs } from "node:util";
import { backend, defineRecipe, dense, flatten, network, sgd, TrainingData } from "../../../dist/index.node.js";
import { QueueWorkers } from "../../../dist/search/node/queue/queueWorkers.js";
import { serveQueue } from "../../../dist/search/node/queue/serveQueue.js";
import { trialSpec } from "../../../dist/search/trialSpec.js";
import { freePort, startRedis } from "./redis.mjs";

const { values: options } = parseArgs({
  options: {
    workers: { type: "string", default: "50,500" },
    sleep: { type: "string", default: "1000" },
    rounds: { type: "string", default: "6" },
  },
});
const [sleep, rounds] = [Number(options.sleep), Number(options.rounds)];

const labels = Uint16Array.from({ length: 200 }, (_, i) => i % 2);
const data = new TrainingData({
  images: new Uint8Array(labels.length * 4).map((_, i) => (i * 37) % 256),
  ...{ labels, imageShape: [2, 2, 1], classNames: ["A", "B"], skipped: [] },
  provenance: { source: "sleep", description: "images for trials that sleep" },
});
const recipe = defineRecipe({
  ...{ name: "sleep", description: "", batchSize: 8, length: { steps: 10 } },
  network: (images) => network(images, [flatten(), dense(2)]),
  optimizer: () => sgd(0.1),
});
const { name } = backend("wasm");
const spec = await trialSpec({ recipe, data, origin: { source: "sleep" }, overrides: {}, backend: name }, {});
const port = await freePort();
const redis = await startRedis(port);
const address = `redis://127.0.0.1:${port}`;
let seed = 0;

/** The milliseconds that a number of trials took. @param {number} count @param {number} workers @param {number} ms */
async function time(count, workers, ms) {
  const stop = new AbortController();
  /** @type {Promise<void>} */
  let serving = Promise.resolve();
  await new Promise((resolve) => {
    serving = serveQueue(address, {
      signal: stop.signal,
      concurrency: workers,
      train: async () => {
        await new Promise((awake) => setTimeout(awake, ms));
        return { problem: "asleep" };
      },
      onReady: () => resolve(undefined),
    });
  });
  const queue = await QueueWorkers.open(address, { count: workers, dataOf: () => data, data });
  const began = performance.now();
  let left = count;
  const work = async () => {
    while (left-- > 0) await queue.run({ spec: { ...spec, seed: seed++ }, steps: 1, folder: "/tmp/none" });
  };
  await Promise.all(Array.from({ length: workers }, work));
  const took = performance.now() - began;
  stop.abort();
  await Promise.all([queue.close(), serving]);
  return took;
}

console.log(`sleep ${sleep} ms, ${rounds} trials for each worker`);
for (const workers of options.workers.split(",").map(Number)) {
  const took = await time(workers * rounds, workers, sleep);
  const busy = await time(1000, workers, 0);
  console.log(
    `${workers} workers: ${(took / rounds - sleep).toFixed(1)} ms beyond the sleep of each round, ${((took - rounds * sleep) / (workers * rounds)).toFixed(2)} ms a trial; without sleep ${(busy / 1000).toFixed(2)} ms a trial`,
  );
}
redis.kill();
