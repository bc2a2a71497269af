import type { Dataset } from "../index.ts";
import { openDataset } from "../node.ts";
import { fixDatasets } from "./fixes.ts";
import { bar, duration, whole } from "./format.ts";
import { showFetch } from "./showFetch.ts";
import type { Terminal } from "./terminal.ts";

/** How a command is told to open its sources. */
export interface OpeningOptions {
  readonly resize?: readonly [number, number] | undefined;
  /** Files of fixes, applied one after another. */
  readonly fixes?: readonly string[] | undefined;
}

interface SourceOptions extends OpeningOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Opens a data set with a progress line, names the files that were skipped, and applies fixes. */
export async function openSource(source: string, terminal: Terminal, options: SourceOptions = {}): Promise<Dataset> {
  const [dataset] = await openSources([source], terminal, options);
  return dataset!;
}

/** Opens a data set to train on and, where there is one, that for the test; they share their fixes. */
export async function openWithTest(
  source: string,
  test: string | undefined,
  terminal: Terminal,
  options: SourceOptions,
): Promise<{ readonly data: Dataset; readonly test?: Dataset }> {
  const [data, tested] = await openSources(test === undefined ? [source] : [source, test], terminal, options);
  return { data: data!, ...(tested && { test: tested }) };
}

/** Opens several data sets, which share their fixes. */
export async function openSources(
  sources: readonly string[],
  terminal: Terminal,
  { fixes = [], ...options }: SourceOptions,
): Promise<readonly Dataset[]> {
  const datasets: Dataset[] = [];
  for (const source of sources) datasets.push(await open(source, terminal, options));
  return fixDatasets(datasets, fixes, terminal);
}

async function open(source: string, terminal: Terminal, { resize, signal }: SourceOptions): Promise<Dataset> {
  const started = performance.now();
  const dataset = await openDataset(source, {
    ...(resize && { resize }),
    ...(signal && { signal }),
    fetch: { onEvent: showFetch(terminal) },
    onProgress({ images, bytes, totalBytes }) {
      const share = totalBytes ? bytes / totalBytes : 0;
      const seconds = (performance.now() - started) / 1000;
      const left = share > 0 ? `  ${duration((seconds / share) * (1 - share))} left` : "";
      terminal.progress(
        `Reading ${source}  ${totalBytes ? `${bar(share)}  ` : ""}${whole(images)} files  ${whole(images / seconds)}/s${left}`,
      );
    },
  });
  terminal.clear();
  reportSkipped(dataset, terminal);
  return dataset;
}

const SHOWN = 10;

function reportSkipped({ skipped }: Dataset, terminal: Terminal): void {
  if (skipped.length === 0) return;
  terminal.note(`Skipped ${whole(skipped.length)} unreadable ${skipped.length === 1 ? "file" : "files"}:`);
  for (const { name, reason } of skipped.slice(0, SHOWN)) terminal.note(`  ${name}: ${reason}`);
  if (skipped.length > SHOWN) terminal.note(`  … and ${whole(skipped.length - SHOWN)} more`);
}
