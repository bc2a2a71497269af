import { InklingError } from "../../tensor/error.ts";
import { type Dataset, type Provenance, type SkippedFile, validateDataset } from "../dataset.ts";
import { adapt, checkImageOptions, type Image, toColour } from "../image.ts";
import type { Entry } from "./entries.ts";
import type { OpenOptions } from "./format.ts";

interface Found {
  readonly name: string;
  /** The folder that the file stands in. */
  readonly className: string;
  readonly file: string;
  /** How many folders deep it stands. */
  readonly depth: number;
  readonly image: Image;
}

/** Files between two calls of `onProgress`. */
const PROGRESS_EVERY = 500;

/**
 * Makes a data set of files named `…/<class>/<file>`. Classes are the names of folders, in order; rows are
 * ordered by class, then by file name, so that an archive and a folder of the same files give the same data set.
 * Files that are no readable image, or stand higher or deeper than most, are skipped and listed by name.
 * Throws `INVALID_DATA` for images of different sizes (unless `resize` is given), for no image, and for fewer than
 * two classes; `ABORTED` when the signal says so.
 */
export async function collect(
  entries: AsyncIterable<Entry>,
  { totalBytes, ...provenance }: Provenance & { readonly totalBytes?: number },
  options: OpenOptions,
): Promise<Dataset> {
  checkImageOptions(options);
  const decode = await loadDecoder();
  // By name: a later file of the same name replaces an earlier one, as it would when extracted.
  const found = new Map<string, Found>();
  const unreadable = new Map<string, SkippedFile>();
  let files = 0;
  let bytes = 0;
  const report = () => options.onProgress?.({ images: files, bytes, ...(totalBytes !== undefined && { totalBytes }) });
  try {
    for await (const entry of entries) {
      if (options.signal?.aborted) break;
      const parts = entry.name.split("/").filter((part) => part !== "" && part !== ".");
      const name = parts.join("/");
      found.delete(name);
      unreadable.delete(name);
      try {
        if (entry.unread !== undefined) throw new InklingError("INVALID_DATA", entry.unread);
        const image = adapt(decode(entry.bytes), options);
        found.set(name, { name, className: parts.at(-2) ?? "", file: parts.at(-1)!, depth: parts.length, image });
      } catch (error) {
        if (!(error instanceof InklingError)) throw error;
        unreadable.set(name, { name, reason: error.message });
      }
      checkSize(found.values().next().value, found.get(name));
      files++;
      bytes = entry.read;
      if (files % PROGRESS_EVERY === 0) report();
    }
  } catch (error) {
    if (!options.signal?.aborted) throw error;
  }
  if (options.signal?.aborted)
    throw new InklingError("ABORTED", `reading ${provenance.source} was stopped after ${files} files`, {
      cause: options.signal.reason,
    });
  bytes = totalBytes ?? bytes;
  report();
  return assemble([...found.values()], [...unreadable.values()], provenance, options);
}

/** Loaded when first needed, so that packs open where the decoder has no binary for the machine. */
async function loadDecoder(): Promise<(bytes: Uint8Array) => Image> {
  try {
    return (await import("./decodeImage.ts")).decodeImage;
  } catch (cause) {
    throw new InklingError(
      "UNSUPPORTED",
      `the image decoder @napi-rs/image cannot be loaded here (${(cause as Error).message}); install it again, or use letters or an .inkling file, which need no decoder`,
      { cause },
    );
  }
}

/** Refuses at once, not after half a million files, what could never be one data set. */
function checkSize(first: Found | undefined, next: Found | undefined): void {
  if (!first || !next) return;
  const [a, b] = [first.image, next.image];
  if (a.height !== b.height || a.width !== b.width)
    throw new InklingError(
      "INVALID_DATA",
      `${next.name} has ${b.height} x ${b.width} pixels (height x width), and ${first.name} has ${a.height} x ${a.width}; all images need one size: give resize, e.g. [${a.height}, ${a.width}], to scale them to it`,
    );
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function assemble(
  all: readonly Found[],
  unreadable: readonly SkippedFile[],
  provenance: Provenance,
  { channels: wanted }: OpenOptions,
): Dataset {
  const counts = new Map<number, number>();
  for (const { depth } of all) counts.set(depth, (counts.get(depth) ?? 0) + 1);
  const [usual = 2] = [...counts].sort((a, b) => b[1] - a[1] || b[0] - a[0]).map(([depth]) => depth);
  const inPlace = ({ depth }: Found) => depth === usual && depth >= 2;
  const placed = all.filter(inPlace);
  const misplaced = all
    .filter((found) => !inPlace(found))
    .map(({ name }) => ({ name, reason: "it stands in no folder of a class: most images stand higher or deeper" }));
  const skipped = [...unreadable, ...misplaced].sort((a, b) => byText(a.name, b.name));
  const classNames = [...new Set(placed.map(({ className }) => className))].sort(byText);
  const rows = placed.sort(
    (a, b) => byText(a.className, b.className) || byText(a.file, b.file) || byText(a.name, b.name),
  );
  if (classNames.length < 2) throw tooFew(provenance.source, classNames, skipped);

  const { height, width } = rows[0]!.image;
  const channels = wanted ?? (rows.some(({ image }) => image.channels === 3) ? 3 : 1);
  const images = new Uint8Array(rows.length * height * width * channels);
  for (const [row, { image }] of rows.entries())
    images.set((channels === 3 ? toColour(image) : image).pixels, row * height * width * channels);
  const numbers = new Map(classNames.map((name, number) => [name, number]));
  return validateDataset({
    images,
    labels: Uint16Array.from(rows, ({ className }) => numbers.get(className)!),
    imageShape: [height, width, channels],
    classNames,
    provenance,
    skipped,
  });
}

function tooFew(source: string, classNames: readonly string[], skipped: readonly SkippedFile[]): InklingError {
  const examples = skipped.slice(0, 3).map(({ name, reason }) => `${name}: ${reason}`);
  const left =
    skipped.length === 0
      ? "it has no other files"
      : `${skipped.length} files were skipped, e.g. ${examples.join("; ")}`;
  const problem =
    classNames.length === 0 ? "has no readable image in a folder of a class" : `has one class only, "${classNames[0]}"`;
  return new InklingError(
    "INVALID_DATA",
    `${source} ${problem} (${left}); give a source with a folder of PNG, JPEG or WebP images for each of two or more classes`,
  );
}
