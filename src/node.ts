/**
 * What Inkling can do in Node only: data sets and runs in files.
 *
 * @module inkling/node
 */
import "./setUp.node.ts";

export { cacheDirectory } from "./base/node/cacheDirectory.ts";
export {
  createRun,
  type Environment,
  type ListedRun,
  listRuns,
  type NewRun,
  openInitial,
  openRun,
  optionsOf,
  type RunConfig,
  RunFolder,
  type RunRecord,
  type RunSource,
  readMetrics,
  readRun,
  resumeRun,
  type SavedRun,
  type Session,
  type WhichWeights,
} from "./runs/node/index.ts";
export { type FetchUrlOptions, fetchDataset } from "./sources/node/fetch/fetchDataset.ts";
export { type NamedSet, namedSets } from "./sources/node/fetch/namedSets.ts";
export type { Clock, FetchEvent, FetchOptions, RemoteFile } from "./sources/node/fetch/options.ts";
export { type OpenOptions, openDataset, openStreamed, readFixes } from "./sources/node/openDataset.ts";
export { saveDataset, savePack, writeFixes } from "./sources/node/saveDataset.ts";
