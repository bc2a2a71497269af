import { existsSync } from "node:fs";
import { join } from "node:path";
import { bar, duration, quantity, whole } from "../base/format.ts";
import { printable } from "../base/printable.ts";
import {
  type AnyDataset,
  checkClassesKnown,
  classesWithImages,
  type Dataset,
  type KnownClasses,
  learnPreparation,
  type SeparateSets,
} from "../datasets/index.ts";
import { contrastProblem } from "../datasets/statistics.ts";
import type { ReadOptions } from "../formats/format.ts";
import type { Fit, ValueRange } from "../image/image.ts";
import type { InputsOf } from "../pictures/preparation.ts";
import { classFolders } from "../sources/node/classFolders.ts";
import { type OpenOptions, openDataset, openStreamed } from "../sources/node/openDataset.ts";
import type { SourceSpec } from "../training/spec.ts";
import { fixDatasets } from "./applyFixes.ts";
import { showFetch } from "./showFetch.ts";
import type { Terminal } from "./terminal.ts";
import "../setUp.node.ts";

/** How a command opens its sources. */
export interface OpeningOptions {
  readonly resize?: readonly [number, number] | undefined;
  readonly fit?: Fit | undefined;
  readonly channels?: 1 | 3 | undefined;
  readonly valueRange?: ValueRange | undefined;
  /** The model whose inputs images are made into, unless they are resized or converted as given. */
  readonly inputsOf?: InputsOf | undefined;
  readonly keepDamaged?: boolean | undefined;
  readonly classPattern?: string | undefined;
  /** The only classes that images may have, which is checked before anything is read if that is possible. */
  readonly known?: KnownClasses | undefined;
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
  return options.fixes?.length
    ? openSource(source, terminal, { ...options, known: undefined }) // fixes may change the classes
    : open(source, terminal, options, openStreamed);
}

/** The data of a training: the data set, and separate sets for the test and for validation. */
export interface TrainingSets extends SeparateSets {
  readonly data: AnyDataset;
}

/**
 * Opens a data set to train on and, where given, separate sets, whose images become what a model trained on the first one
 * would see of them; they share their fixes.
 */
export async function openSets(
  { source, test, validation }: Pick<SourceSpec, "source" | "test" | "validation">,
  terminal: Terminal,
  { fixes = [], fixesOfMore = false, ...options }: SourceOptions,
): Promise<TrainingSets> {
  const others = [test, validation].filter((name) => name !== undefined);
  const opened: AnyDataset[] = [];
  const openNext = async (name: string, how: SourceOptions) =>
    opened.push(
      await (fixes.length > 0 ? open(name, terminal, how, openDataset) : open(name, terminal, how, openStreamed)),
    );
  await openNext(source, options);
  if (others.length > 0) {
    const [first] = opened;
    const { keepDamaged, classPattern, signal } = options;
    const inputsOf = { model: { input: first!.imageShape }, preparation: learnPreparation(first!) };
    const known = fixes.length > 0 ? undefined : { classes: first!.classNames, whose: `${source} has` };
    for (const name of others) await openNext(name, { keepDamaged, classPattern, signal, inputsOf, known });
  }
  const [data, ...separate] =
    fixes.length > 0
      ? await fixDatasets(opened as readonly Dataset[], fixes, { namesUnmatched: !fixesOfMore }, terminal)
      : opened;
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
  { signal, onImageFile, known, ...options }: SourceOptions,
  how: (source: string, options: OpenOptions) => Promise<D>,
): Promise<D> {
  const folders = known && (await classFolders(source, options.classPattern));
  if (folders) checkClassesKnown(source, folders, known);
  const started = performance.now();
  const dataset = await how(source, {
    ...readOptions(options),
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
  // A package that export has written, as its examples call it, is no data set.
  if (source === "letters" && existsSync(source) && !existsSync(join(source, "package.json")))
    terminal.note("Note: letters is the built-in data set; for the one of this name in this folder, write ./letters");
  reportSkipped(dataset, terminal);
  if (options.keepDamaged && dataset.names === undefined)
    terminal.note(`Note: ${printable(source)} has no image files, so --keep-damaged has no effect`);
  const problem = contrastProblem(dataset);
  if (problem !== undefined) terminal.note(`Warning: in ${printable(source)}, ${problem}`);
  if (known) checkClassesKnown(source, classesWithImages(dataset), known);
  return dataset;
}

/** The options of a reading that are given. */
function readOptions({
  resize,
  fit,
  channels,
  valueRange,
  keepDamaged,
  classPattern,
  inputsOf,
}: SourceOptions): ReadOptions {
  return {
    ...(resize && { resize }),
    ...(fit && { fit }),
    ...(channels && { channels }),
    ...(valueRange && { valueRange }),
    ...(keepDamaged && { keepDamaged }),
    ...(classPattern !== undefined && { classPattern }),
    ...(inputsOf && !resize && !channels && { inputsOf }),
  };
}

const SHOWN = 10;

function reportSkipped({ skipped }: AnyDataset, terminal: Terminal): void {
  if (skipped.length === 0) return;
  terminal.note(`Skipped ${quantity(skipped.length, "file")}:`);
  for (const { name, reason } of skipped.slice(0, SHOWN)) terminal.note(`  ${printable(name)}: ${reason}`);
  if (skipped.length > SHOWN) terminal.note(`  … and ${whole(skipped.length - SHOWN)} more`);
}
