export type { Environment } from "./environment.ts";
export { type ListedRun, listRuns } from "./listRuns.ts";
export { readMetrics } from "./metrics.ts";
export { openInitial, openRun, type SavedRun, type WhichWeights } from "./openRun.ts";
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
export { createRun, resumeRun } from "./runs.ts";
