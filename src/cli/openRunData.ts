import { quotation } from "../base/printable.ts";
import { type AnyDataset, InklingError, type TrainingSpec } from "../index.ts";
import { isCached } from "../sources/node/fetch/fetchDataset.ts";
import { isAddress } from "../sources/node/fetch/request.ts";
import { type SourceSpec, sameData } from "../training/spec.ts";
import { TrainingData } from "../training/trainingData.ts";
import { type OpeningOptions, openSets, type TrainingSets } from "./openSource.ts";
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
  config: TrainingSpec,
  moved: Moved,
  terminal: Terminal,
  signal?: AbortSignal,
): Promise<TrainingSets> {
  const given = Object.entries(moved).filter(([, place]) => place !== undefined);
  const now: SourceSpec = { ...config.data, ...Object.fromEntries(given) };
  return openSets(now, terminal, { ...now, ...conversionOf(config), signal });
}

/**
 * Throws `INVALID_ARGUMENT` if a run, which may come from elsewhere, names an address that would have to be fetched, unless
 * `allowed`: the address learns who evaluates the run, and may be one of a private network. Data that have moved are not
 * fetched from where they were.
 */
export async function checkFetching(
  named: Pick<SourceSpec, "source" | "test" | "validation">,
  allowed = false,
  moved: Moved = {},
): Promise<void> {
  if (allowed) return;
  for (const key of ["source", "test", "validation"] as const) {
    const name = moved[key] === undefined ? named[key] : undefined;
    if (name !== undefined && isAddress(name) && !(await isCached(name)))
      throw new InklingError(
        "INVALID_ARGUMENT",
        `the run names ${quotation(name)}, which is not in the cache; add --fetch to fetch it, or name the data`,
      );
  }
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
    ...conversionOf(config),
    fixes,
    fixesOfMore: opened !== undefined,
  });
  const { split, seed } = config;
  const divided = new TrainingData(data, { split, seed, ...separate, ...(opened && { test: opened }) });
  if (sameData(await divided.spec, config.data)) return divided;
  throw changed(config.data.source);
}

/** What was done to the images of a training: they became inputs of the model that it started from, or had channels. */
function conversionOf({ data, model, preparation, initFrom }: TrainingSpec): OpeningOptions {
  if (initFrom !== undefined && preparation && !data.resize && !data.channels)
    return { inputsOf: { model, preparation } };
  const channels = model.input[2];
  return channels === 1 || channels === 3 ? { channels } : {};
}

/** The error for data that are not those that a run was trained on. */
export const changed = (source: string): InklingError =>
  new InklingError(
    "INVALID_DATA",
    `${source} has changed since the run was trained; pass a source to score the run on its current contents`,
  );
