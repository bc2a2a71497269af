import { existsSync } from "node:fs";
import { readdir, rmdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { whole } from "../../../base/format.ts";
import { removeRemains } from "../../../base/node/exchange.ts";
import { makeFolders } from "../../../base/node/ownFolder.ts";
import { withoutParts } from "../../../datasets/parts.ts";
import type { Format } from "../../../formats/format.ts";
import {
  type Dataset,
  divide,
  InklingError,
  mergeDatasets,
  type SaveOptions,
  type Split,
  type SplitName,
  type SplitSettings,
  sampleRows,
  splitDataset,
  subset,
} from "../../../index.ts";
import { saveDataset } from "../../../node.ts";
import { formatOf } from "../../../sources/encodeDataset.ts";
import { saveParts } from "../../../sources/node/saveDataset.ts";
import { interruptible } from "../../interrupt.ts";
import { type OpeningOptions, openSource, openSources } from "../../openSource.ts";
import { createTerminal, printSummary, type Terminal } from "../../terminal.ts";
import { trainingValues } from "../../trainingFlags.ts";

/** Options shared by all commands that write data sets. */
export interface WriteOptions extends OpeningOptions {
  readonly format?: string;
  readonly force?: boolean;
  readonly json?: boolean;
  readonly seed: number;
}

/** Options other than the sizes of splits, which {@link trainingValues} reads. */
export interface SizeOptions extends WriteOptions {
  readonly protocol?: number;
}

/** Writes a data set in another format; a pickle is split by the given sizes. */
export async function exportCommand(source: string, to: string, options: SizeOptions): Promise<void> {
  const { savesParts = false, id } = formatOf(to, options.format);
  const { protocol } = options;
  const asked = { ...settingsOf(options), ...(protocol !== undefined && { protocol }) };
  if (!savesParts && Object.keys(asked).length > 0)
    throw new InklingError(
      "INVALID_ARGUMENT",
      `${to}: ${id} holds an unsplit data set, so sizes, --keep-together and --protocol do not apply; omit them, or split it with inkling data split`,
    );
  await rewrite([source], to, options, ([dataset], terminal) => {
    if (!savesParts) return { dataset: dataset! };
    const split = exportedSplit(dataset!, options, terminal);
    return { dataset: dataset!, save: { split, ...(protocol !== undefined && { protocol }) } };
  });
}

/** The split as requested; by default, if the data set cannot be split, all of it is for training. */
function exportedSplit(dataset: Dataset, options: SizeOptions, terminal: Terminal): Split {
  const settings = settingsOf(options);
  try {
    return divide(dataset, {}, { ...settings, seed: options.seed }).split;
  } catch (error) {
    if (!(error instanceof InklingError) || Object.keys(settings).length > 0) throw error;
    terminal.note("There are too few images, or too few different ones, to split; all are written as training images");
    return splitDataset(dataset, { validation: 0, test: 0, seed: options.seed });
  }
}

/** Merges data sets and writes the result. */
export async function mergeCommand(sources: readonly string[], options: WriteOptions & { readonly out: string }) {
  await rewrite(sources, options.out, options, (datasets) => ({ dataset: mergeDatasets(datasets) }));
}

/** Writes a stratified sample of a data set's images. */
export async function sampleCommand(source: string, to: string, options: WriteOptions & { readonly size: number }) {
  await rewrite([source], to, options, ([dataset]) => ({
    dataset: subset(dataset!, sampleRows(dataset!, options.size, options.seed)),
  }));
}

/** Writes the splits of a data set into a folder, one file each: training, validation and test. */
export async function splitCommand(source: string, folder: string, options: SizeOptions): Promise<void> {
  const terminal = createTerminal({ json: options.json ?? false });
  const format = formatOf(folder, options.format ?? "inkling");
  const pathOf = (part: SplitName) => join(folder, format.fileName?.(part) ?? `${part}${format.extensions[0]}`);
  const dataset = await interruptible((signal) => openSource(source, terminal, { ...options, signal }));
  const { split } = divide(dataset, {}, { ...settingsOf(options), seed: options.seed });
  const parts = (Object.entries(split) as [SplitName, Uint32Array][]).filter(([, rows]) => rows.length > 0);
  for (const [part] of parts) await refuseTaken(pathOf(part), format, options.force ?? false);
  const isNew = !existsSync(folder);
  await makeFolders(folder);
  const saved = parts.map(([part, rows]) => ({
    name: basename(pathOf(part)),
    dataset: withoutParts(subset(dataset, rows)),
  }));
  try {
    await saveParts(folder, saved, format.id);
  } catch (error) {
    if (isNew) await rmdir(folder).catch(() => {}); // another process may have written to it
    throw error;
  }
  for (const [part, rows] of parts) terminal.out(`${pathOf(part)}: ${whole(rows.length)} images`);
  if (!options.json) return;
  const written = parts.map(([part, rows]) => ({ part, path: pathOf(part), images: rows.length }));
  printSummary({ parts: written });
}

async function rewrite(
  sources: readonly string[],
  to: string,
  options: WriteOptions,
  change: (
    datasets: readonly Dataset[],
    terminal: Terminal,
  ) => { readonly dataset: Dataset; readonly save?: SaveOptions },
): Promise<void> {
  const terminal = createTerminal({ json: options.json ?? false });
  await refuseTaken(to, formatOf(to, options.format), options.force ?? false);
  const datasets = await interruptible((signal) => openSources(sources, terminal, { ...options, signal }));
  const { dataset, save } = change(datasets, terminal);
  await saveDataset(dataset, to, { ...save, ...(options.format !== undefined && { format: options.format }) });
  const written = save?.split && Object.values(save.split).reduce((sum, { length }) => sum + length, 0);
  const images = written ?? dataset.labels.length;
  terminal.out(`${to}: ${whole(images)} images, ${dataset.classNames.length} classes`);
  if (options.json) printSummary({ path: to, images });
}

/**
 * Throws `INVALID_ARGUMENT` if a file would be overwritten, unless forced; a folder that is not empty is never removed.
 */
async function refuseTaken(path: string, { written }: Format, force: boolean): Promise<void> {
  const names = written?.(basename(path)) ?? [basename(path)];
  await removeRemains(dirname(path), new Set(names));
  const places = names.map((name) => join(dirname(path), name));
  for (const place of places) {
    if (!existsSync(place)) continue;
    const names = await readdir(place).catch(() => []);
    if (names.length > 0)
      throw new InklingError(
        "INVALID_ARGUMENT",
        `${place} is a folder that is not empty; choose another, or remove it first`,
      );
    if (!force)
      throw new InklingError("INVALID_ARGUMENT", `${place} already exists; choose another, or replace it with --force`);
  }
}

const settingsOf = (options: SizeOptions): SplitSettings => trainingValues(options).overrides.split ?? {};
