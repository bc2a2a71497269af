import { fork } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { InklingError } from "../../base/error.ts";
import { processors } from "../../engine/threads.ts";
import { backend, checkOverrides, type Overrides, type TrainingOrigin } from "../../index.ts";
import { freeFolder } from "../../runs/node/freeFolder.ts";
import { parseDefinition, type StudyDefinition } from "../../search/definition.ts";
import { type DataOf, OtherProcesses, OwnProcess } from "../../search/node/processes.ts";
import type { Workers } from "../../search/node/runStudy.ts";
import { StudyFolder, type StudyTraining } from "../../search/node/studyFolder.ts";
import type { TrialTask } from "../../search/node/trial.ts";
import type { Pruning } from "../../search/schedule.ts";
import { type Job, Study } from "../../search/study.ts";
import { type TrialBase, trialSpec } from "../../search/trialSpec.ts";
import { completed } from "../../training/space/parameter.ts";
import { chooseRecipe, loadRecipe } from "../loadRecipe.ts";
import type { Terminal } from "../terminal.ts";
import { trainingValues } from "../trainingFlags.ts";
import { openTrialData, type TrialSetup } from "./openTrialData.ts";
import { queueAddress } from "./queueAddress.ts";
import { spaceOf } from "./spaceOptions.ts";

/** The options of `inkling search` other than those of a training. */
export interface SearchOptions {
  readonly space?: readonly string[];
  readonly trials?: number;
  readonly budget?: number;
  readonly sampler?: string;
  readonly pruning?: Pruning["type"];
  readonly factor?: number;
  readonly comparisons?: number;
  readonly workers?: number;
  readonly queue?: string | true;
  readonly lag?: number;
  readonly keep?: number | "all";
  readonly confirm?: number;
  readonly folds?: number;
  readonly out?: string;
  readonly resume?: string;
  /** With a resumed study: whether to fetch an address that it names. */
  readonly fetch?: boolean;
  readonly replays?: number;
  readonly html?: string;
  readonly json?: boolean;
  readonly load?: readonly string[];
}

const DEFAULT_TRIALS = 50;
const DEFAULT_LAG = 8;

/** Creates the study that the command line describes. */
export async function createStudy(source: string, options: SearchOptions): Promise<StudyFolder> {
  const { overrides, machine, ...values } = trainingValues(options);
  if (values.chosenRate)
    throw new InklingError(
      "INVALID_ARGUMENT",
      "--learning-rate auto: a search chooses learning rates by itself; omit it",
    );
  checkOverrides(overrides);
  const recipe = await chooseRecipe(values, source);
  const space = spaceOf(recipe.space, options.space, recipe.name);
  const { sampler = "tpe", pruning: type = "none", factor = 3, comparisons = 2, lag = DEFAULT_LAG } = options;
  const isGiven = options.space !== undefined;
  const definition = parseDefinition({
    space,
    // A search starts with the recipe as it is, so that one can see what is gained.
    initial: isGiven || sampler === "grid" ? [] : [completed(space)],
    sampler,
    seed: overrides.seed ?? 1,
    maximize: overrides.monitor !== "loss",
    lag,
    pruning: { type, factor, comparisons: type === "none" ? 0 : comparisons },
  });
  const { recipe: named = recipe.name, ...origin } = values;
  const training: StudyTraining = {
    recipe: named,
    origin: { source, ...origin },
    overrides: { ...overrides },
    backend: backend(machine.backend).name,
    ...(options.folds !== undefined && { folds: options.folds }),
  };
  const { trials = DEFAULT_TRIALS } = options;
  new Study(definition, trials); // throws for too many of them, before a folder is created
  return StudyFolder.create(options.out ?? (await freeFolder("studies", recipe, source)), {
    definition,
    training,
    trials,
  });
}

/** Where the data of a study came from. */
export const originOf = ({ training }: Pick<StudyFolder, "training">): TrainingOrigin =>
  training.origin as unknown as TrainingOrigin;

/** The training of each trial of a study, and the data that all of them have. */
export interface StudyTrainings {
  readonly base: TrialBase;
  readonly dataOf: DataOf;
  readonly tasksOf: (job: Job) => Promise<readonly TrialTask[]>;
}

/** Opens the data of a study; `source` is where they are now, if they have moved. */
export async function openTrainings(
  folder: Pick<StudyFolder, "training" | "runOf">,
  source: string | undefined,
  terminal: Terminal,
  signal?: AbortSignal,
): Promise<StudyTrainings> {
  const { training } = folder;
  const overrides = training.overrides as Overrides;
  const origin = { ...originOf(folder), ...(source !== undefined && { source }) };
  const recipe = await loadRecipe(training.recipe);
  const dataOf = await openTrialData(origin, terminal, signal);
  const { seed = 1, split = {} } = overrides;
  const data = dataOf({ seed, split });
  const { folds } = training;
  if (folds !== undefined) dataOf({ seed, split: { ...split, folds, fold: 0 } }); // throws if it cannot be divided
  if (data.division.split.validation.length === 0)
    throw new InklingError(
      "INVALID_ARGUMENT",
      "a search scores trials on validation images, of which there are none; set --validation-size",
    );
  const base: TrialBase = { recipe, data, origin, overrides, backend: training.backend };
  const tasksOf = async ({ trial, parameters, resource }: Job): Promise<readonly TrialTask[]> => {
    const spec = await trialSpec(base, parameters);
    const steps = Math.max(1, Math.ceil(spec.steps * resource - 1e-9));
    const run = folder.runOf(trial);
    if (folds === undefined) return [{ spec, steps, folder: run }];
    return Array.from({ length: folds }, (_, fold) => ({
      spec: { ...spec, split: { ...spec.split, folds, fold } },
      steps,
      folder: join(run, `fold-${fold}`),
    }));
  };
  return { base, dataOf, tasksOf };
}

/** Runs `use` with workers for a study, which stop when the signal aborts. */
export async function withWorkers<T>(
  trainings: StudyTrainings,
  definition: StudyDefinition,
  options: SearchOptions,
  { signal, onNote }: { readonly signal: AbortSignal; readonly onNote: (line: string) => void },
  use: (workers: Workers) => Promise<T>,
): Promise<T> {
  const workers = await startWorkers(trainings, definition, options, onNote);
  const stop = () => workers.stop();
  signal.addEventListener("abort", stop);
  if (signal.aborted) stop();
  try {
    return await use(workers);
  } finally {
    signal.removeEventListener("abort", stop);
    await workers.close();
  }
}

/**
 * Workers for a study: those of a queue; or processes with an equal share of the threads each; or this process if there is one.
 */
async function startWorkers(
  { base, dataOf }: StudyTrainings,
  { lag }: StudyDefinition,
  options: SearchOptions,
  onNote: (line: string) => void,
): Promise<Workers> {
  const { workers, queue, load = [] } = options;
  const { threads } = trainingValues(options).machine;
  const available = threads ?? processors();
  const count = workers ?? (queue === undefined ? Math.min(lag, available) : lag);
  if (count > lag)
    throw new InklingError(
      "INVALID_ARGUMENT",
      `--workers ${count}: this study allows ${lag} trials at once; use fewer workers, or a new study with --lag ${count}`,
    );
  if (queue !== undefined) {
    const { QueueWorkers } = await import("../../search/node/queue/queueWorkers.ts");
    return QueueWorkers.open(queueAddress(queue), { count, dataOf, data: base.data, onNote });
  }
  if (count === 1) return new OwnProcess(dataOf, threads);
  const entry = fileURLToPath(new URL("./trialProcess.js", import.meta.url));
  return new OtherProcesses<TrialSetup>({
    count,
    start: () => fork(entry, [], { stdio: ["ignore", "ignore", "inherit", "ipc"] }),
    setup: { source: base.origin, modules: load },
    threads: Math.max(1, Math.floor(available / count)),
  });
}
