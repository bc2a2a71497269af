import type { Backend } from "../../backends/index.ts";
import { InklingError } from "../../base/error.ts";
import {
  type Alike,
  type AnyDataset,
  allRows,
  type ChosenRows,
  type Dataset,
  findTrainTestDuplicates,
  fingerprint,
} from "../../datasets/index.ts";
import { Ensemble } from "../../evaluation/index.ts";
import type { ValueRange } from "../../image/image.ts";
import type { WhichWeights } from "../../runs/node/record.ts";
import type { TrainingSpec } from "../../training/spec.ts";
import type { TrainingData } from "../../training/trainingData.ts";
import { fixDatasets } from "../applyFixes.ts";
import { explain } from "../explain.ts";
import { changed, checkFetching, openRunSplit } from "../openRunData.ts";
import { openSource, openUnread } from "../openSource.ts";
import { openSubject, type Subject } from "../openSubject.ts";
import { type ComparedModel, sharedImages } from "../sharedImages.ts";
import type { Terminal } from "../terminal.ts";

/** Several runs or files of models that answer together, and the images that none of them was trained on. */
export async function openEnsemble(
  paths: readonly string[],
  source: string | undefined,
  { on, weights, ...options }: ChoosingOptions & { readonly on: Backend; readonly weights: WhichWeights },
  terminal: Terminal,
): Promise<{ readonly run: Subject; readonly chosen: Chosen }> {
  const models: ComparedModel[] = [];
  for (const path of paths) models.push({ path, ...(await openSubject(path, on, weights)) });
  const trained = Ensemble.of(models.map(({ trained }) => trained));
  const { inputs, name } = await sharedImages(models, source, options, terminal);
  return { run: { trained }, chosen: { ...inputs[0]!, name } };
}

/** Throws `INVALID_ARGUMENT` for a file, which has no test images of its own. */
function configOf(path: string, { config }: Subject): TrainingSpec {
  if (config) return config;
  throw new InklingError("INVALID_ARGUMENT", `${path} is a file; name a data set to score its model on`);
}

/** How images are chosen and read. */
export interface ChoosingOptions {
  /** Whether to fetch an address that the run names. */
  readonly fetch?: boolean;
  readonly fixes?: readonly string[];
  readonly valueRange?: ValueRange;
}

/** The images that a model is scored on. */
export interface Chosen extends ChosenRows {
  readonly dataset: AnyDataset;
  readonly name: string;
  /** The data set before label corrections, where it is a named one and they are given. */
  readonly uncorrected?: Dataset;
  /**
   * The run's own data, split as in training. Throws `INVALID_DATA` if they have changed. Absent for images that are known to
   * be none of those.
   */
  readonly own?: () => Promise<TrainingData>;
}

/** The images of a source or, if none is named, the run's test images. Throws `INVALID_ARGUMENT` for a file without a source. */
export const chooseImages = (
  path: string,
  source: string | undefined,
  subject: Subject,
  options: ChoosingOptions,
  terminal: Terminal,
): Promise<Chosen> =>
  source === undefined
    ? ownTest(configOf(path, subject), subject, options, terminal)
    : everything(path, source, subject, options, terminal);

/** The run's test images: its separate test set, or its test split. */
async function ownTest(
  config: TrainingSpec,
  { trained }: Subject,
  options: ChoosingOptions,
  terminal: Terminal,
): Promise<Chosen> {
  await checkFetching(config.data, options.fetch);
  const { source, test, testFingerprint } = config.data;
  const fixes = options.fixes ?? config.data.fixes;
  if (test !== undefined) {
    const { resize: _, fit: __, channels: ___, valueRange: ____, ...others } = config.data;
    // Earlier versions read a separate test set like the training data.
    const how = config.preparation ? { ...others, inputsOf: trained } : config.data;
    const dataset = await openUnread(test, terminal, { ...how, fixes, fixesOfMore: true });
    if ((await fingerprint(dataset)) !== testFingerprint) throw changed(test);
    return { dataset, rows: allRows(dataset), name: test, own: () => openRunSplit(config, fixes, terminal, dataset) };
  }
  const data = await openRunSplit(config, fixes, terminal);
  const rows = data.division.split.test;
  return { dataset: data.dataset, rows, name: `the test split of ${source}`, own: async () => data };
}

async function everything(
  path: string,
  source: string,
  { config, trained }: Subject,
  { fixes = [], valueRange, fetch }: ChoosingOptions,
  terminal: Terminal,
): Promise<Chosen> {
  const { keepDamaged, classPattern } = config?.data ?? {};
  const how = { ...{ keepDamaged, classPattern, valueRange }, inputsOf: trained };
  const uncorrected = fixes.length > 0 ? await openSource(source, terminal, how) : undefined;
  const dataset = uncorrected
    ? (await fixDatasets([uncorrected], fixes, { namesUnmatched: true }, terminal))[0]!
    : await openUnread(source, terminal, { ...how, known: { classes: trained.model.classes, whose: `${path} knows` } });
  const own = async () => {
    if (!config) throw new InklingError("NOT_FOUND", "a file of a model does not say what it was trained on");
    await checkFetching(config.data, fetch);
    return openRunSplit(config, config.data.fixes, terminal);
  };
  return { dataset, rows: allRows(dataset), name: source, ...(uncorrected && { uncorrected }), own };
}

/** The images that are also in the run's training set; undefined, with a note, if the run's data are gone. */
export async function duplicatesOf(chosen: Chosen, alike: Alike, terminal: Terminal): Promise<Uint32Array | undefined> {
  if (!chosen.own) return undefined;
  try {
    const { dataset, test, division } = await chosen.own();
    const isOwn = chosen.dataset === (test ?? dataset);
    // Found when the data were split, where rows of a separate test set are numbered after those of the data set.
    if (isOwn && alike === "pixels")
      return test
        ? division.trainTestDuplicates.map((row) => row - dataset.labels.length)
        : division.trainTestDuplicates;
    return findTrainTestDuplicates({ dataset, rows: division.split.training }, chosen, alike);
  } catch (error) {
    if (!(error instanceof InklingError)) throw error;
    terminal.note(`Train/test duplicates were not counted: ${explain(error).split(";")[0]}`);
    return undefined;
  }
}
