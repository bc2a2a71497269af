import { InklingError, message, optionRef, throwIfAborted } from "../base/error.ts";
import { quantity, whole } from "../base/format.ts";
import { quoted } from "../base/printable.ts";
import type { AnyDataset, Dataset } from "../datasets/dataset.ts";
import { givenParts, rowsOfPart, selectPart, withoutParts } from "../datasets/parts.ts";
import { reshape } from "../datasets/reshape.ts";
import type { SplitName } from "../datasets/splitSizes.ts";
import {
  type Format,
  type Glimpse,
  HEAD_BYTES,
  type ImageFilesFormat,
  isGzip,
  noPart,
  type ReadOptions,
} from "../formats/format.ts";
import { formats } from "../formats/formats.ts";
import { otherFormat } from "../formats/otherFormats.ts";
import type { Place, Platform } from "../formats/platform.ts";
import { checkImageOptions } from "../image/image.ts";
import { collect } from "./collect.ts";
import { asInputs } from "./inputs.ts";

/** Opens a file or folder as a data set; the format is recognized by the first bytes. Throws as `openDataset` does. */
export async function openPlace(place: Place, options: ReadOptions, platform: Platform): Promise<Dataset> {
  const format = await formatOf(place, options, platform);
  return finish(await read(format, place, options, platform), format, place, options);
}

/** {@link openPlace}, but images are read on demand if the format supports it and they are not converted. */
export async function streamPlace(place: Place, options: ReadOptions, platform: Platform): Promise<AnyDataset> {
  const format = await formatOf(place, options, platform);
  const asItIs = options.resize === undefined && options.classPattern === undefined;
  const streamed = asItIs && "stream" in format && (await format.stream?.(place, options));
  const dataset = streamed && hasShape(streamed, options) ? streamed : await read(format, place, options, platform);
  return finish<AnyDataset>(dataset, format, place, options);
}

/** Whether images have the channels, or all of the shape, that the options ask for. */
function hasShape({ imageShape }: AnyDataset, { channels, inputsOf }: ReadOptions): boolean {
  const [height, width, own] = imageShape;
  const wanted = inputsOf?.model.input ?? [height, width, channels ?? own];
  return imageShape.every((extent, axis) => extent === wanted[axis]);
}

async function read(format: Format, place: Place, options: ReadOptions, platform: Platform): Promise<Dataset> {
  if ("files" in format) return readFiles(format, place, options, platform);
  if (options.classPattern !== undefined)
    throw new InklingError(
      "INVALID_ARGUMENT",
      message`${place.path} has no names of image files; omit ${optionRef("classPattern")}`,
    );
  const dataset = await format.open(place, options, platform);
  const bytes =
    place.kind === "file" ? { bytes: place.size, totalBytes: place.size } : { bytes: dataset.images.length };
  options.onProgress?.({ images: dataset.labels.length, ...bytes });
  return options.inputsOf ? asInputs(dataset, options.inputsOf) : reshape(dataset, options);
}

/** Reads image files, again if all of them together show that they must be read in another way. */
async function readFiles(
  format: ImageFilesFormat,
  place: Place,
  options: ReadOptions,
  platform: Platform,
): Promise<Dataset> {
  const { entries, ...about } = format.files(place, options, platform);
  const read = await collect(
    entries,
    { source: place.path, isFolder: place.kind === "folder", ...about },
    options,
    platform,
  );
  if (!("again" in read)) return read;
  const { onImageFile: _, ...quietly } = options; // which has been called for each file
  return readFiles(format, place, { ...quietly, ...read.again }, platform);
}

/** Selects the part, if one is requested, and says how the source was read. Throws if there is only one class. */
function finish<D extends AnyDataset>(dataset: D, format: Format, { path }: Place, { part }: ReadOptions): D {
  const { classNames, labels } = dataset;
  if (classNames.length === 1)
    throw new InklingError(
      "INVALID_DATA",
      `${path} has only one class, ${quoted(classNames[0])}, with all ${labels.length} images; expected at least two classes`,
    );
  if (part === undefined)
    return withFullReading(givenParts(dataset).length > 1 ? dataset : withoutParts(dataset), format);
  if (dataset.parts && !givenParts(dataset).includes(part)) throw noPart(path, part);
  if (!dataset.parts && !format.parts)
    throw new InklingError(
      "INVALID_ARGUMENT",
      `${path} is not split into parts, so it has no ${part} part; omit #${part}`,
    );
  return withFullReading(dataset.parts ? selectPart(dataset, part) : dataset, format, part);
}

/** The reading of a data set: what it is, how large, how it is split, and what its format had to choose. */
function withFullReading<D extends AnyDataset>(dataset: D, { readAs }: Format, part?: SplitName): D {
  const { provenance, labels, classNames } = dataset;
  const { description, reading } = provenance;
  const what = `${part ? `the ${part} part of ` : ""}${readAs ?? description}`;
  const split = givenParts(dataset).map((name) => `${whole(rowsOfPart(dataset, name).length)} for ${name}`);
  const clauses = [
    `${what}: ${quantity(labels.length, "image")} in ${quantity(classNames.length, "class", "classes")}`,
    ...(reading === undefined ? [] : [reading]),
    ...(split.length > 0 ? [`split by the source: ${split.join(", ")}`] : []),
  ];
  return { ...dataset, provenance: { ...provenance, reading: clauses.join("; ") } };
}

async function formatOf(place: Place, options: ReadOptions, platform: Platform): Promise<Format> {
  checkImageOptions(options);
  const { signal } = options;
  const { path } = place;
  throwIfAborted(signal, path);
  const seen = await glimpse(place, platform);
  const format = formats.find(({ matches }) => matches(seen));
  const problem = format ? undefined : problemOf(seen);
  if (problem !== undefined) throw new InklingError("UNKNOWN_FORMAT", `${path} ${problem}`);
  if (!format) throw new InklingError("UNKNOWN_FORMAT", `${path} ${whatIsWrong(seen)}`);
  return format;
}

/** What is known to be wrong with a source that no format matches. */
function problemOf(seen: Glimpse): string | undefined {
  const other = otherFormat(seen.head);
  if (other) return `is ${other}`;
  return formats.map(({ explain }) => explain?.(seen)).find((problem) => problem !== undefined);
}

/** Compressed bytes that are read: the first {@link HEAD_BYTES} bytes of any file compress to less. */
const READ = 4096;

/** Reads what a format is recognized by. */
async function glimpse(place: Place, { gunzipStart }: Platform): Promise<Glimpse> {
  const { name } = place;
  const none = new Uint8Array();
  if (place.kind === "folder") return { name, head: none, inner: none, names: await place.names() };
  const start = await place.read(0, Math.min(READ, place.size));
  return {
    name,
    head: start.subarray(0, HEAD_BYTES),
    inner: isGzip(start) ? gunzipStart(start).subarray(0, HEAD_BYTES) : none,
  };
}

function whatIsWrong({ head }: Glimpse): string {
  if (head.length === 0) return "is empty; fetch or make it again";
  if (isGzip(head))
    return "is gzipped, but its contents are not in a format that is supported gzipped; unpack it first";
  return "is not in a format of data sets; use images in a folder for each class, an archive of that, a CSV, NumPy or Parquet file (docs/data.md lists all), or load the extension that reads it (--load PACKAGE)";
}
