import { printable } from "../base/printable.ts";
import type { AnyDataset, Dataset } from "../datasets/index.ts";
import { bar, duration, whole } from "../report/format.ts";
import { type OpenOptions, openDataset, openStreamed } from "../sources/node/openDataset.ts";
import { fixDatasets } from "./applyFixes.ts";
import { showFetch } from "./showFetch.ts";
import type { Terminal } from "./terminal.ts";
import "../setUp.node.ts";

/** How a command opens its sources. */
export interface OpeningOptions {
  readonly resize?: readonly [number, number] | undefined;
  readonly keepDamaged?: boolean | undefined;
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

/** Opens a data set to train on and, if given, a separate test set; they share their fixes. */
export async function openWithTest(
  source: string,
  test: string | undefined,
  terminal: Terminal,
  options: SourceOptions,
): Promise<{ readonly data: AnyDataset; readonly test?: AnyDataset }> {
  if (test === undefined) return { data: await openUnread(source, terminal, options) };
  if (options.fixes?.length) {
    const [data, tested] = await openSources([source, test], terminal, options);
    return { data: data!, test: tested! };
  }
  return { data: await openUnread(source, terminal, options), test: await openUnread(test, terminal, options) };
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
  { resize, keepDamaged, signal, onImageFile }: SourceOptions,
  how: (source: string, options: OpenOptions) => Promise<D>,
): Promise<D> {
  const started = performance.now();
  const dataset = await how(source, {
    ...(resize && { resize }),
    ...(keepDamaged && { keepDamaged }),
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
  reportSkipped(dataset, terminal);
  return dataset;
}

const SHOWN = 10;

function reportSkipped({ skipped }: AnyDataset, terminal: Terminal): void {
  if (skipped.length === 0) return;
  terminal.note(`Skipped ${whole(skipped.length)} unreadable ${skipped.length === 1 ? "file" : "files"}:`);
  for (const { name, reason } of skipped.slice(0, SHOWN)) terminal.note(`  ${printable(name)}: ${reason}`);
  if (skipped.length > SHOWN) terminal.note(`  … and ${whole(skipped.length - SHOWN)} more`);
}
