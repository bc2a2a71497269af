import { printable } from "../base/printable.ts";
import type { AnyDataset, Dataset, SeparateSets } from "../datasets/index.ts";
import { bar, duration, quantity, whole } from "../report/format.ts";
import { type OpenOptions, openDataset, openStreamed } from "../sources/node/openDataset.ts";
import type { SourceSpec } from "../training/spec.ts";
import { fixDatasets } from "./applyFixes.ts";
import { showFetch } from "./showFetch.ts";
import type { Terminal } from "./terminal.ts";
import "../setUp.node.ts";

/** How a command opens its sources. */
export interface OpeningOptions {
  readonly resize?: readonly [number, number] | undefined;
  readonly keepDamaged?: boolean | undefined;
  readonly classPattern?: string | undefined;
  /** Files of fixes, applied one after another. */
  readonly fixes?: readonly string[] | undefined;
}

interface SourceOptions extends OpeningOptions {
  /** Whether the fixes are for other data sets too, so that fixes without a match here are not reported. */
  readonly fixesOfMore?: boolean;
  readonly signal?: AbortSignal | undefined;
  /** Called with the bytes of each image file, and its source. */
  readonly onImageFile?: (bytes: Uint8Array, source: string) => void;
}

/** Opens a data set with a progress line, lists the files that were skipped, and applies fixes. */
export async function openSource(source: string, terminal: Terminal, options: SourceOptions = {}): Promise<Dataset> {
  const [dataset] = await openSources([source], terminal, options);
  return dataset!;
}

/** Opens a data set whose images may be read on demand, unless there are fixes. */
export async function openUnread(source: string, terminal: Terminal, options: SourceOptions): Promise<AnyDataset> {
  return options.fixes?.length ? openSource(source, terminal, options) : open(source, terminal, options, openStreamed);
}

/** The data of a training: the data set, and separate sets for the test and for validation. */
export interface TrainingSets extends SeparateSets {
  readonly data: AnyDataset;
}

/** Opens a data set to train on and, where given, separate sets; they share their fixes. */
export async function openSets(
  { source, test, validation }: Pick<SourceSpec, "source" | "test" | "validation">,
  terminal: Terminal,
  options: SourceOptions,
): Promise<TrainingSets> {
  const named = [source, test, validation].filter((name) => name !== undefined);
  const opened: AnyDataset[] = options.fixes?.length ? [...(await openSources(named, terminal, options))] : [];
  if (opened.length === 0) for (const name of named) opened.push(await openUnread(name, terminal, options));
  const [data, ...separate] = opened;
  return {
    data: data!,
    ...(test !== undefined && { test: separate.shift()! }),
    ...(validation !== undefined && { validation: separate.shift()! }),
  };
}

/** Opens several data sets, which share their fixes. */
export async function openSources(
  sources: readonly string[],
  terminal: Terminal,
  { fixes = [], fixesOfMore = false, ...options }: SourceOptions,
): Promise<readonly Dataset[]> {
  const datasets: Dataset[] = [];
  for (const source of sources) datasets.push(await open(source, terminal, options, openDataset));
  return fixDatasets(datasets, fixes, { namesUnmatched: !fixesOfMore }, terminal);
}

async function open<D extends AnyDataset>(
  source: string,
  terminal: Terminal,
  { resize, keepDamaged, classPattern, signal, onImageFile }: SourceOptions,
  how: (source: string, options: OpenOptions) => Promise<D>,
): Promise<D> {
  const started = performance.now();
  const dataset = await how(source, {
    ...(resize && { resize }),
    ...(keepDamaged && { keepDamaged }),
    ...(classPattern !== undefined && { classPattern }),
    ...(signal && { signal }),
    ...(onImageFile && { onImageFile: (bytes: Uint8Array) => onImageFile(bytes, source) }),
    fetch: { onEvent: showFetch(terminal) },
    onProgress({ images, bytes, totalBytes }) {
      const share = totalBytes ? bytes / totalBytes : 0;
      const seconds = (performance.now() - started) / 1000;
      const left = share > 0 ? `  ${duration((seconds / share) * (1 - share))} left` : "";
      terminal.progress(
        `Reading ${source}  ${totalBytes ? `${bar(share)}  ` : ""}${images > 0 ? `${whole(images)} files  ${whole(images / seconds)}/s` : ""}${left}`,
      );
    },
  });
  terminal.clear();
  const { reading } = dataset.provenance;
  if (reading !== undefined) terminal.note(terminal.dim(`Read ${printable(`${source}: ${reading}`)}`));
  reportSkipped(dataset, terminal);
  return dataset;
}

const SHOWN = 10;

function reportSkipped({ skipped }: AnyDataset, terminal: Terminal): void {
  if (skipped.length === 0) return;
  terminal.note(`Skipped ${quantity(skipped.length, "file")}:`);
  for (const { name, reason } of skipped.slice(0, SHOWN)) terminal.note(`  ${printable(name)}: ${reason}`);
  if (skipped.length > SHOWN) terminal.note(`  … and ${whole(skipped.length - SHOWN)} more`);
}
