import { type AnyDataset, InklingError, type TrainingSpec } from "../index.ts";
import { type SourceSpec, sameData } from "../training/spec.ts";
import { TrainingData } from "../training/trainingData.ts";
import { openSets, type TrainingSets } from "./openSource.ts";
import type { Terminal } from "./terminal.ts";

/** The current location of a run's data, if they have moved. */
export interface Moved {
  readonly source?: string | undefined;
  readonly test?: string | undefined;
  readonly validation?: string | undefined;
  readonly fixes?: readonly string[] | undefined;
}

/** Opens the data that a run was trained on, and its separate sets, if any. */
export async function openRunData(
  { data }: TrainingSpec,
  moved: Moved,
  terminal: Terminal,
  signal?: AbortSignal,
): Promise<TrainingSets> {
  const given = Object.entries(moved).filter(([, place]) => place !== undefined);
  const now: SourceSpec = { ...data, ...Object.fromEntries(given) };
  return openSets(now, terminal, { ...now, signal });
}

/**
 * Opens the data that a run was trained on, split as in training; its separate test set may already be open. Throws
 * `INVALID_DATA` if they have changed.
 */
export async function openRunSplit(
  config: TrainingSpec,
  fixes: readonly string[] | undefined,
  terminal: Terminal,
  opened?: AnyDataset,
): Promise<TrainingData> {
  const { test: _, ...others } = config.data;
  const { data, ...separate } = await openSets(opened ? others : config.data, terminal, {
    ...config.data,
    fixes,
    fixesOfMore: opened !== undefined,
  });
  const { split, seed } = config;
  const divided = new TrainingData(data, { split, seed, ...separate, ...(opened && { test: opened }) });
  if (sameData(await divided.spec, config.data)) return divided;
  throw changed(config.data.source);
}

/** The error for data that are not those that a run was trained on. */
export const changed = (source: string): InklingError =>
  new InklingError(
    "INVALID_DATA",
    `${source} has changed since the run was trained; pass a source to score the run on its current contents`,
  );
