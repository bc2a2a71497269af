import { trainSeed } from "./seedTraining.js";

/** Trains in the page itself, or in a worker of its own, which the page does not wait for. */
globalThis.trainSeed = (options, inWorker) => (inWorker ? inWorkerOf(options) : trainSeed(options));

function inWorkerOf(options) {
  const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data: { result, error } }) => (result ? resolve(result) : reject(new Error(error)));
    worker.onerror = ({ message }) => reject(new Error(message));
    worker.postMessage(options);
  }).finally(() => worker.terminate());
}
