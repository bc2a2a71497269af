export type { Environment } from "./environment.ts";
export { type ListedRun, listRuns } from "./listRuns.ts";
export { readMetrics } from "./metrics.ts";
export { openInitial, openRun, type SavedRun } from "./openRun.ts";
export type { RunModel, WhichWeights } from "./record.ts";
export {
  type NewRun,
  optionsOf,
  type RunConfig,
  type RunRecord,
  type RunSource,
  readRun,
  type Session,
} from "./runFile.ts";
export { RunFolder } from "./runFolder.ts";
export { openRunModel } from "./runModel.ts";
export { createRun, resumeRun } from "./runs.ts";
