import type { Dataset } from "../index.ts";
import { openDataset } from "../node.ts";
import { bar, duration, whole } from "./format.ts";
import { showFetch } from "./showFetch.ts";
import type { Terminal } from "./terminal.ts";

/** Opens a data set with a progress line, and names the files that were skipped. */
export async function openSource(
  source: string,
  terminal: Terminal,
  {
    resize,
    signal,
  }: { readonly resize?: readonly [number, number] | undefined; readonly signal?: AbortSignal | undefined } = {},
): Promise<Dataset> {
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
