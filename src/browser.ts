/// <reference lib="esnext.disposable" preserve="true" />
/**
 * The part of Inkling that is for pages: training in a worker.
 *
 * @module inkling/browser
 */
export { serveTraining } from "./browser/serveTraining.ts";
export { trainInWorker, type WorkerOptions, type WorkerRun, type WorkerSettings } from "./browser/trainInWorker.ts";
