import { InklingError } from "../base/error.ts";
import { quantity, whole } from "../base/format.ts";
import { listed } from "../base/listed.ts";
import {
  type AnyDataset,
  allRows,
  type ChosenRows,
  findTrainTestDuplicates,
  imageDigests,
  type SeparateSets,
} from "../datasets/index.ts";
import type { ValueRange } from "../image/image.ts";
import type { TrainingSpec } from "../training/spec.ts";
import type { TrainingData } from "../training/trainingData.ts";
import { explain } from "./explain.ts";
import { checkFetching, openRunData, openRunSplit } from "./openRunData.ts";
import { openUnread } from "./openSource.ts";
import type { Subject } from "./openSubject.ts";
import type { Terminal } from "./terminal.ts";

/** A model to compare. */
export interface ComparedModel extends Subject {
  readonly path: string;
}

/** Rows of a data set. */
interface Rows extends ChosenRows {
  readonly dataset: AnyDataset;
  readonly rows: Uint32Array;
}

/** Images that all models are compared on. */
export interface SharedImages {
  /** For each model, the data set in the form of its inputs, and the rows of the same images in the same order. */
  readonly inputs: readonly Rows[];
  /** What they are, such as `the test images of all runs`. */
  readonly name: string;
  /**
   * Images that were left out: test images of only some runs, images that some model was trained on and, to calibrate, other
   * images that are test images of some run.
   */
  readonly leftOut: { readonly notShared: number; readonly trainedOn: number; readonly tested?: number };
}

interface SourceOptions {
  readonly fixes?: readonly string[];
  readonly valueRange?: ValueRange;
  /** Whether data that a run names by an address may be fetched. Default: false. */
  readonly fetch?: boolean;
  /**
   * Whether the images of a source are to calibrate: those that a model was validated on may be among them, but no test images,
   * on which what is calibrated is scored. Default: false.
   */
  readonly toCalibrate?: boolean;
}

/** Fewer images than this say nothing. */
const FEWEST = 30;

/**
 * The images of a source that no model was trained on or, without a source, the test images that all runs have and none was
 * trained on; images are told apart by their pixels. Throws `INVALID_ARGUMENT` if fewer than 30 are left, and for a file of a
 * model without a source; `INVALID_DATA` if the data of a run have changed.
 */
export async function sharedImages(
  models: readonly ComparedModel[],
  source: string | undefined,
  options: SourceOptions,
  terminal: Terminal,
): Promise<SharedImages> {
  const found =
    source === undefined
      ? await sharedTests(models, options, terminal)
      : await untrained(models, source, options, terminal);
  const count = found.inputs[0]!.rows.length;
  if (count >= FEWEST) return found;
  const { notShared, trainedOn, tested = 0 } = found.leftOut;
  const reasons = [
    ...(notShared > 0 ? [`${whole(notShared)} are test images of only some of the runs`] : []),
    ...(trainedOn > 0
      ? [`${whole(trainedOn)} are training ${options.toCalibrate ? "" : "or validation "}images of one of them`]
      : []),
    ...(tested > 0 ? [`${whole(tested)} are test images of one of them`] : []),
  ];
  throw new InklingError(
    "INVALID_ARGUMENT",
    `there are only ${quantity(count, "image")} to ${options.toCalibrate ? "calibrate" : "compare"} on${reasons.length > 0 ? `: ${reasons.join(", and ")}` : ""}; name a data set at the end that no run was trained on, or train on a data set with a fixed split (inkling data split), which does not depend on the seed`,
  );
}

/** Opens each run's data once for all runs with the same data and split. */
function runDataReader({ fixes, fetch }: SourceOptions, terminal: Terminal) {
  const opened = new Map<string, Promise<TrainingData>>();
  return async (config: TrainingSpec): Promise<TrainingData> => {
    await checkFetching(config.data, fetch);
    const key = JSON.stringify([config.data, formOf(config), config.split, config.seed]);
    const known = opened.get(key) ?? openRunSplit(config, fixes ?? config.data.fixes, terminal);
    opened.set(key, known);
    return known;
  };
}

/** How the images of a run became inputs of its model, as text. */
const formOf = ({ data, model, preparation, initFrom }: TrainingSpec): string =>
  JSON.stringify([model.input, data.resize, data.fit, data.channels, data.valueRange, initFrom && preparation]);

/** What a run was trained and, unless that may be shared, validated on, in one of the forms of its data. */
function trainedOn(
  { data, validation }: DataSets,
  { split }: TrainingData["division"],
  toCalibrate = false,
): readonly ChosenRows[] {
  if (toCalibrate) return [{ dataset: data, rows: split.training }];
  if (validation)
    return [
      { dataset: data, rows: split.training },
      { dataset: validation, rows: allRows(validation) },
    ];
  return [{ dataset: data, rows: Uint32Array.from([...split.training, ...split.validation]) }];
}

interface DataSets extends SeparateSets {
  readonly data: AnyDataset;
}

const testOf = ({ data, test }: DataSets, { split }: TrainingData["division"]): Rows =>
  test ? { dataset: test, rows: allRows(test) } : { dataset: data, rows: split.test };

async function sharedTests(
  models: readonly ComparedModel[],
  options: SourceOptions,
  terminal: Terminal,
): Promise<SharedImages> {
  const read = runDataReader(options, terminal);
  const runs: { readonly own: Rows; readonly alike: Rows; readonly seen: readonly ChosenRows[] }[] = [];
  let like: TrainingSpec | undefined;
  for (const { path, config } of models) {
    if (!config) throw new InklingError("INVALID_ARGUMENT", `${path} is a file; name a data set to compare it on`);
    like ??= config;
    const { dataset: data, test, validation, division } = await read(config);
    const own = { data, test, validation };
    const isAlike = formOf(config) === formOf(like);
    // Pixels can be compared only in one form, here that of the first run.
    const alike = isAlike ? own : await openLike(config, like, terminal);
    runs.push({ own: testOf(own, division), alike: testOf(alike, division), seen: trainedOn(alike, division) });
  }
  const keys = await Promise.all(runs.map(({ alike }) => keysOf(alike)));
  const rowsByKey = keys.map((own, k) => new Map(own.map((key, i) => [key, runs[k]!.own.rows[i]!] as const).reverse()));
  const firstTest = runs[0]!.alike;
  const common = keys[0]!.map((key) => rowsByKey.every((rows) => rows.has(key)));
  const candidates = Array.from(firstTest.rows).filter((_, i) => common[i]);
  const seen = seenRows(
    runs.map((run) => run.seen),
    runs.map(() => ({ dataset: firstTest.dataset, rows: candidates })),
  );
  const places = [...common.keys()].filter((i) => common[i] && !seen.has(firstTest.rows[i]!));
  const everyKey = new Set(keys.flat());
  const sharedKeys = new Set(keys[0]!.filter((_, i) => common[i]));
  return {
    inputs: runs.map(({ own }, k) => ({
      dataset: own.dataset,
      rows: Uint32Array.from(places, (i) => (k === 0 ? own.rows[i]! : rowsByKey[k]!.get(keys[0]![i]!)!)),
    })),
    name: `the test images of ${models.length === 2 ? "both" : "all"} runs`,
    leftOut: { notShared: everyKey.size - sharedKeys.size, trainedOn: candidates.length - places.length },
  };
}

/** A run's data read as those of another run were. */
function openLike(config: TrainingSpec, like: TrainingSpec, terminal: Terminal): Promise<DataSets> {
  const { resize: _, fit: __, channels: ___, valueRange: ____, ...places } = config.data;
  const { resize, fit, channels, valueRange } = like.data;
  const form = { ...(resize && { resize }), ...(fit && { fit }), ...(channels && { channels }) };
  return openRunData({ ...like, data: { ...places, ...form, ...(valueRange && { valueRange }) } }, {}, terminal);
}

/** What tells each of the images apart: its pixels and its class. */
async function keysOf({ dataset, rows }: Rows): Promise<readonly string[]> {
  const digests = await imageDigests(dataset, rows);
  return digests.map((digest, i) => `${digest} ${dataset.classNames[dataset.labels[rows[i]!]!]}`);
}

/** The rows of candidates that some model was trained on; each model has its own form of the candidates. */
function seenRows(seen: readonly (readonly ChosenRows[])[], candidates: readonly ChosenRows[]): ReadonlySet<number> {
  const rows = seen.flatMap((sets, k) =>
    sets.flatMap((set) => Array.from(findTrainTestDuplicates(set, candidates[k]!, "pixels"))),
  );
  return new Set(rows);
}

async function untrained(
  models: readonly ComparedModel[],
  source: string,
  { fetch, toCalibrate, ...options }: SourceOptions,
  terminal: Terminal,
): Promise<SharedImages> {
  const read = runDataReader({ ...(fetch && { fetch }) }, terminal);
  const { keepDamaged, classPattern } = models.find(({ config }) => config)?.config?.data ?? {};
  const opened = new Map<string, AnyDataset>();
  const datasets: AnyDataset[] = [];
  for (const { path, trained } of models) {
    const key = JSON.stringify([trained.model.input, trained.preparation]);
    const how = { keepDamaged, classPattern, ...options, inputsOf: trained };
    const known = { classes: trained.model.classes, whose: `${path} knows` };
    const dataset = opened.get(key) ?? (await openUnread(source, terminal, { ...how, known }));
    opened.set(key, dataset);
    datasets.push(dataset);
  }
  const seen: (readonly ChosenRows[])[] = [];
  const tests: (readonly ChosenRows[])[] = [];
  const unknown: string[] = [];
  for (const { path, config } of models) {
    try {
      if (!config) throw new InklingError("NOT_FOUND", "a file of a model does not say what it was trained on");
      const { dataset: data, validation, test, division } = await read(config);
      seen.push(trainedOn({ data, validation }, division, toCalibrate));
      tests.push(toCalibrate ? [testOf({ data, test }, division)] : []);
    } catch (error) {
      if (!(error instanceof InklingError)) throw error;
      unknown.push(`${path} (${explain(error).split(";")[0]})`);
      seen.push([]);
      tests.push([]);
    }
  }
  if (unknown.length > 0) terminal.note(`Not checked whether they were trained on these images: ${listed(unknown, 4)}`);
  const all = allRows(datasets[0]!);
  const candidates = datasets.map((dataset) => ({ dataset, rows: all }));
  const taken = seenRows(seen, candidates);
  const tested = [...seenRows(tests, candidates)].filter((row) => !taken.has(row));
  const leftOut = new Set([...taken, ...tested]);
  const rows = all.filter((row) => !leftOut.has(row));
  return {
    inputs: datasets.map((dataset) => ({ dataset, rows })),
    name: source,
    leftOut: { notShared: 0, trainedOn: taken.size, ...(toCalibrate && { tested: tested.length }) },
  };
}
