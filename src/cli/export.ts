import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import {
  type Dataset,
  InklingError,
  type KeepTogether,
  mergeDatasets,
  type Split,
  type SplitName,
  type SplitSettings,
  sampleRows,
  splitDataset,
  subset,
} from "../index.ts";
import { type SaveOptions, saveDataset } from "../node.ts";
import { type OpeningOptions, openSource, openSources } from "./data.ts";
import { whole } from "./format.ts";
import { interruptible } from "./interrupt.ts";
import { createTerminal } from "./terminal.ts";

/** What all commands that write data sets take. */
export interface WriteOptions extends OpeningOptions {
  readonly format?: string;
  readonly force?: boolean;
  readonly json?: boolean;
  readonly seed: number;
}

export interface SizeOptions extends WriteOptions {
  readonly trainingSize?: number;
  readonly validationSize?: number;
  readonly testSize?: number;
  readonly keepTogether?: KeepTogether;
  readonly protocol?: number;
}

/** Writes a data set in another format; a pickle is divided by the sizes. */
export async function exportCommand(source: string, to: string, options: SizeOptions): Promise<void> {
  await rewrite([source], to, options, ([dataset]) => {
    const split = splitDataset(dataset!, { ...settingsOf(options), seed: options.seed });
    return {
      dataset: dataset!,
      save: { split, ...(options.protocol !== undefined && { protocol: options.protocol }) },
    };
  });
}

/** Writes some data sets as one. */
export async function mergeCommand(sources: readonly string[], options: WriteOptions & { readonly out: string }) {
  await rewrite(sources, options.out, options, (datasets) => ({ dataset: mergeDatasets(datasets) }));
}

/** Writes some of a data set's images, with classes in proportion. */
export async function sampleCommand(source: string, to: string, options: WriteOptions & { readonly size: number }) {
  await rewrite([source], to, options, ([dataset]) => ({
    dataset: subset(dataset!, sampleRows(dataset!, options.size, options.seed)),
  }));
}

/** Writes the parts of a data set into a folder, a file each: training, validation and test. */
export async function splitCommand(source: string, folder: string, options: SizeOptions): Promise<void> {
  const terminal = createTerminal({ json: options.json ?? false });
  const { format = "inkling" } = options;
  const dataset = await interruptible((signal) => openSource(source, terminal, { ...options, signal }));
  const split: Split = splitDataset(dataset, { ...settingsOf(options), seed: options.seed });
  const parts = (Object.entries(split) as [SplitName, Uint32Array][]).filter(([, rows]) => rows.length > 0);
  const paths = parts.map(([part]) => join(folder, format === "folder" ? part : `${part}.${format}`));
  for (const path of paths) refuseTaken(path, options.force ?? false);
  await mkdir(folder, { recursive: true }).catch((cause: Error) => {
    throw new InklingError("FILE_SYSTEM", `${folder} cannot be made: ${cause.message}`, { cause });
  });
  for (const [i, [, rows]] of parts.entries()) {
    await saveDataset(subset(dataset, rows), paths[i]!, { format });
    terminal.out(`${paths[i]}: ${whole(rows.length)} images`);
  }
  if (!options.json) return;
  const written = parts.map(([part, rows], i) => ({ part, path: paths[i], images: rows.length }));
  process.stdout.write(`${JSON.stringify({ formatVersion: 1, parts: written })}\n`);
}

async function rewrite(
  sources: readonly string[],
  to: string,
  options: WriteOptions,
  change: (datasets: readonly Dataset[]) => { readonly dataset: Dataset; readonly save?: SaveOptions },
): Promise<void> {
  const terminal = createTerminal({ json: options.json ?? false });
  refuseTaken(to, options.force ?? false);
  const datasets = await interruptible((signal) => openSources(sources, terminal, { ...options, signal }));
  const { dataset, save } = change(datasets);
  await saveDataset(dataset, to, { ...save, ...(options.format !== undefined && { format: options.format }) });
  const images = dataset.labels.length;
  terminal.out(`${to}: ${whole(images)} images, ${dataset.classNames.length} classes`);
  if (options.json) process.stdout.write(`${JSON.stringify({ formatVersion: 1, path: to, images })}\n`);
}

function refuseTaken(path: string, force: boolean): void {
  if (existsSync(path) && !force)
    throw new InklingError("INVALID_ARGUMENT", `${path} is there already; name another, or replace it with --force`);
}

const settingsOf = ({ trainingSize, validationSize, testSize, keepTogether }: SizeOptions): SplitSettings => ({
  ...(trainingSize !== undefined && { training: trainingSize }),
  ...(validationSize !== undefined && { validation: validationSize }),
  ...(testSize !== undefined && { test: testSize }),
  ...(keepTogether !== undefined && { keepTogether }),
});
