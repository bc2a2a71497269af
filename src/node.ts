/**
 * What Inkling can do in Node only: data sets and runs in files.
 *
 * @module
 */
import { enableRelaxedSimd } from "./backends/node/enableRelaxedSimd.ts";

// Node 20 has a fused multiply-add only by a flag, which must be set before anything is compiled.
enableRelaxedSimd();

export { type OpenOptions, type OpenProgress, openDataset, savePack } from "./datasets/node/index.ts";
export { createRunFolder, openRun, type RunConfig, type SavedRun, saveRun } from "./export/node/index.ts";
