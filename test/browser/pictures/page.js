import { backend, decodeModel } from "inkling";
import { decodeAll } from "./decodeAll.js";

/** Decodes in the page itself, or in a worker of its own. */
globalThis.decodeAll = (files, threads, inWorker) =>
  inWorker ? inWorkerOf(files, threads) : decodeAll(files, threads);

function inWorkerOf(files, threads) {
  const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data: { result, error } }) => (result ? resolve(result) : reject(new Error(error)));
    worker.onerror = ({ message }) => reject(new Error(message));
    worker.postMessage({ files, threads });
  }).finally(() => worker.terminate());
}

const bytesOf = (base64) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

/** The predictions of a model file for picture files, all in base64. */
globalThis.predictAll = (model, files) =>
  decodeModel(bytesOf(model), backend("wasm")).predictBatch(files.map((file) => new Blob([bytesOf(file)])));
