import type { Backend } from "../backends/index.ts";
import type { Classifier } from "../evaluation/ensemble.ts";
import { locateData } from "../runs/node/dataPlaces.ts";
import { openRun, type SavedRun } from "../runs/node/openRun.ts";
import type { WhichWeights } from "../runs/node/record.ts";
import type { TrainingSpec } from "../training/spec.ts";
import { isFolder, openClassifier } from "./openModel.ts";

/** What is scored: a run, or the model of a file, which says neither its steps nor what it was trained on. */
export interface Subject {
  readonly trained: Classifier;
  readonly step?: number;
  readonly config?: TrainingSpec;
  readonly sessions?: SavedRun["sessions"];
}

/** A run whose data are named by where they are now, or the model of a file. Throws as `openRun` and `openClassifier` do. */
export async function openSubject(path: string, on: Backend, which: WhichWeights): Promise<Subject> {
  if (!(await isFolder(path))) return { trained: await openClassifier(path, on) };
  const run = await openRun(path, on, which);
  const { trained, step, sessions } = run;
  return { trained, step, sessions, config: locateData(path, run) };
}
