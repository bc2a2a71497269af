import { basename, resolve } from "node:path";
import type { Backend } from "../../backends/index.ts";
import { InklingError } from "../../base/error.ts";
import { allRows } from "../../datasets/index.ts";
import type { TrainedModel } from "../../evaluation/trainedModel.ts";
import type { ExportOptions, GoldenSource } from "../../export/exportable.ts";
import { locateData } from "../../runs/node/dataPlaces.ts";
import { openRun } from "../../runs/node/openRun.ts";
import type { WhichWeights } from "../../runs/node/record.ts";
import type { TrainingSpec } from "../../training/spec.ts";
import { explain } from "../explain.ts";
import { isFolder, openModel } from "../openModel.ts";
import { openRunSplit } from "../openRunData.ts";
import type { Terminal } from "../terminal.ts";

/** A model to export, or to compare an exported one with. */
export interface Subject {
  readonly trained: TrainedModel;
  /** The images that the model was tested on, or why they are not available. */
  readonly test: Required<GoldenSource> | string;
  readonly about: ExportOptions;
}

/** Opens a run, or a file of a model, which does not say what it was tested on. Throws as `openRun` and `openModel` do. */
export async function openSubject(
  path: string,
  on: Backend,
  { weights, license }: { readonly weights?: WhichWeights | undefined; readonly license?: string | undefined },
  terminal: Terminal,
): Promise<Subject> {
  const given = license === undefined ? {} : { license };
  if (!(await isFolder(path))) {
    const trained = await openModel(path, on, weights);
    return { trained, test: `${path} does not say what it was tested on`, about: given };
  }
  const run = await openRun(path, on, weights);
  const { trained, config, step, result, sessions } = run;
  const test = weights === "best" ? result?.best?.test : result?.test;
  const { arithmetic } = sessions.at(-1) ?? on;
  const history = { config, weights: weights ?? "last", steps: step, arithmetic, ...(test && { test }) };
  const about = { run: basename(resolve(path)), ...given, history };
  return { trained, test: await testImages(locateData(path, run), terminal), about };
}

/** A run's test images, or why they cannot be used: they are missing or have changed. Throws where the machine is the reason. */
async function testImages(config: TrainingSpec, terminal: Terminal): Promise<Subject["test"]> {
  try {
    const { seed } = config;
    const { dataset, test, division } = await openRunSplit(config, config.data.fixes, terminal);
    return test ? { dataset: test, rows: allRows(test), seed } : { dataset, rows: division.split.test, seed };
  } catch (error) {
    if (!(error instanceof InklingError) || error.code === "UNSUPPORTED") throw error;
    return explain(error).split(";")[0]!;
  }
}
