/// <reference lib="esnext.disposable" preserve="true" />
/**
 * The part of Inkling that requires Node: data sets and runs in files.
 *
 * @module inkling/node
 */
import "./setUp.node.ts";

export { cacheDirectory } from "./base/node/cacheDirectory.ts";
export { locateData } from "./runs/node/dataPlaces.ts";
export { type ListedRun, listRuns } from "./runs/node/listRuns.ts";
export { readMetrics } from "./runs/node/metrics.ts";
export { openInitial, openRun, type SavedRun } from "./runs/node/openRun.ts";
export type { RunModel, WhichWeights } from "./runs/node/record.ts";
export { readRun } from "./runs/node/runFile.ts";
export { RunFolder } from "./runs/node/runFolder.ts";
export { createRun, resumeRun } from "./runs/node/runs.ts";
export type { DataPlaces, Environment, Host, RunRecord, Session } from "./runs/record.ts";
export type { StepRecord } from "./search/journal.ts";
export { runStudy, type StudyOptions, type Workers } from "./search/node/runStudy.ts";
export {
  readStudy,
  type SavedStudy,
  StudyFolder,
  type StudyTraining,
} from "./search/node/studyFolder.ts";
export { runTrial, type TrialOptions, type TrialResult, type TrialTask } from "./search/node/trial.ts";
export type { TaskResult } from "./search/queueMessage.ts";
export { type FetchUrlOptions, fetchDataset } from "./sources/node/fetch/fetchDataset.ts";
export { type NamedSet, namedSets } from "./sources/node/fetch/namedSets.ts";
export type { Clock, FetchEvent, FetchOptions, RemoteFile } from "./sources/node/fetch/options.ts";
export { type OpenOptions, openDataset, openStreamed, readFixes } from "./sources/node/openDataset.ts";
export { saveDataset, savePack, writeFixes } from "./sources/node/saveDataset.ts";
