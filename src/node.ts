/**
 * What Inkling can do in Node only: data sets and runs in files.
 *
 * @module inkling/node
 */
import "./setUp.node.ts";

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
export {
  type Clock,
  cacheDirectory,
  type FetchEvent,
  type FetchOptions,
  type FetchUrlOptions,
  fetchDataset,
  formatNames,
  type NamedSet,
  namedSets,
  type OpenOptions,
  type OpenProgress,
  openDataset,
  openStreamed,
  type PackOptions,
  type RemoteFile,
  readFixes,
  type SaveOptions,
  saveDataset,
  savePack,
  writeFixes,
} from "./sources/node/index.ts";
