import { whole } from "../../base/format.ts";
import {
  backend,
  checkOverrides,
  InklingError,
  optionsOf,
  replan,
  type TrainingSpec,
  type TrainResult,
  train,
} from "../../index.ts";
import { locateData, openInitial, openRun, type RunFolder, resumeRun } from "../../node.ts";
import { describeExtension } from "../../report/describeExtension.ts";
import { unpackedRun } from "../../runs/node/unpackRun.ts";
import { interruptible } from "../interrupt.ts";
import { checkFetching, type Moved, openRunData } from "../openRunData.ts";
import { showEnd, summaryOf } from "../showTraining.ts";
import { createTerminal, printSummary, type Terminal } from "../terminal.ts";
import { type TrainingValues, trainingValues } from "../trainingFlags.ts";
import { followRun, requireLearning } from "./followRun.ts";
import type { TrainCommandOptions } from "./train.ts";

/** Resumes a run, a folder or a file, with its own data and settings; the weights end up the same as without the interruption. */
export async function resumeCommand(
  run: string,
  source: string | undefined,
  options: TrainCommandOptions,
): Promise<void> {
  const terminal = createTerminal({ json: options.json ?? false });
  const values = trainingValues(options);
  checkOverrides(values.overrides);
  const path = await unpackedRun(run);
  if (path !== run) terminal.note(`${run} is unpacked to ${path}, where the run continues`);
  const folder = await resumeRun(path);
  try {
    const { config, result } = folder.run!;
    const steps = values.overrides.steps ?? config.steps + (options.extend ?? 0);
    const reached = result && (result.stoppedEarly ? !longer(config, values) : steps === result.steps);
    const finished = reached && (await isWhole(path, result));
    if (finished) terminal.note(`${path} ${howToTrainOn(config, result)}`);
    const end = finished ? result : await goOn(folder, steps, { ...values, source }, options, terminal);
    if (options.requireLearning) requireLearning(end, config, terminal);
    if (options.json) printSummary(summaryOf(end, path, folder.run!.config));
  } finally {
    terminal.clear();
    await folder.close();
  }
}

/** Whether a run that stopped early is given more patience. */
const longer = ({ earlyStopping }: TrainingSpec, { overrides }: TrainingValues): boolean =>
  overrides.earlyStopping !== undefined && overrides.earlyStopping.patience > (earlyStopping?.patience ?? 0);

const howToTrainOn = ({ earlyStopping }: TrainingSpec, { steps, stoppedEarly }: TrainResult): string =>
  stoppedEarly
    ? `stopped early after ${whole(steps)} steps; continue with --early-stopping N, N above ${earlyStopping?.patience}`
    : `has completed all its ${whole(steps)} steps; continue with --extend N`;

/** Whether a finished run still has its models; if not, they are recreated from the last checkpoint. */
async function isWhole(path: string, { best }: TrainResult): Promise<boolean> {
  try {
    await openRun(path);
    if (best) await openRun(path, undefined, "best");
    return true;
  } catch (error) {
    if (error instanceof InklingError) return false;
    throw error;
  }
}

const goOn = (
  folder: RunFolder,
  steps: number,
  { machine, overrides, ...moved }: TrainingValues & Moved,
  { force: otherArithmetic = false, log, fetch }: TrainCommandOptions,
  terminal: Terminal,
) =>
  interruptible(async (signal) => {
    const { config } = folder.run!;
    const { checkpoint: resume, damaged } = folder;
    const located = locateData(folder.path, folder.run!);
    await checkFetching(located.data, fetch, moved);
    const { data, ...separate } = await openRunData(located, moved, terminal, signal);
    for (const problem of damaged) terminal.note(`${problem}; the previous checkpoint is used`);
    terminal.note(
      `Resuming from ${resume ? `the checkpoint of step ${whole(resume.step)}` : "the first step, because there is no checkpoint yet"}`,
    );
    const initFrom = await openInitial(folder.path, config);
    const done = resume?.step ?? 0;
    const planned = steps > config.steps ? replan(config, steps, done) : config;
    if (planned !== config) for (const line of describeExtension(config, planned, done)) terminal.note(line);
    const run = train(config.model, data, {
      ...optionsOf(planned),
      ...(initFrom && { initFrom }),
      ...overrides,
      steps,
      ...separate,
      ...machine,
      backend: backend(machine.backend ?? config.backend),
      otherArithmetic,
      ...(resume && { resume }),
      signal,
    });
    const result = await followRun(run, folder, terminal, log);
    showEnd(result, folder.path, terminal);
    return result;
  });
