import { type Dataset, withReading } from "../datasets/dataset.ts";
import type { ReadOptions } from "../formats/format.ts";
import type { ImageOptions, ImageShape, ValueRange } from "../image/image.ts";
import type { Stored } from "../image/stored.ts";
import { formatRange, isBytes, rangeWithin, WORD } from "../image/valueRange.ts";
import type { Conversion, InputsOf } from "../pictures/preparation.ts";

/** An image file of a data set: its class, and what it stores. */
export interface StoredFile {
  readonly className: string;
  readonly stored: Stored;
}

/** A set of images is in color if at least this share of all of them, or of those of one class, clearly has color. */
const COLORED = 1 / 20;
const COLORED_OF_CLASS = 1 / 2;

/**
 * The number of channels for images: 3 if at least 1 in 20 clearly has color, or every second one of a class; otherwise 1,
 * so that a tint or a single stray pixel does not make a set of gray images one in color.
 */
function channelsFor(files: readonly StoredFile[]): 1 | 3 {
  const classes = new Map<string, { count: number; colored: number }>();
  let colored = 0;
  for (const { className, stored } of files) {
    const own = classes.get(className) ?? { count: 0, colored: 0 };
    classes.set(className, { count: own.count + 1, colored: own.colored + Number(stored.color) });
    colored += Number(stored.color);
  }
  if (colored === 0) return 1;
  if (colored >= COLORED * files.length) return 3;
  return [...classes.values()].some(({ count, colored }) => colored >= COLORED_OF_CLASS * count) ? 3 : 1;
}

/**
 * The range of the values of files that all have 16 bits if it is much shorter than that, such as 0 … 4095 of a camera;
 * otherwise undefined. Bytes are what one sees in any viewer, so they are taken as they are.
 */
function shortRange(files: readonly StoredFile[]): ValueRange | undefined {
  if (!files.every(({ stored }) => stored.bits === 16)) return undefined;
  const high = files.reduce((most, { stored }) => Math.max(most, stored.high), 0);
  const range = rangeWithin(high, WORD);
  return range[1] < WORD ? range : undefined;
}

/** How image files must be read, which is known once all of them are. */
export function optionsFor(files: readonly StoredFile[], options: ReadOptions): ImageOptions {
  const { channels, valueRange, inputsOf } = options;
  if (inputsOf) return { channels: inputsOf.model.input[2] === 3 ? 3 : 1, ...(valueRange && { valueRange }) };
  const range = valueRange ?? shortRange(files);
  return { channels: channels ?? channelsFor(files), ...(range && { valueRange: range }) };
}

/** The data set with what was done to its images, which the reading says too. */
export function withConversion(dataset: Dataset, files: readonly StoredFile[], options: ReadOptions): Dataset {
  if (options.inputsOf) return withInputs(dataset, files, options.inputsOf);
  const { resize, fit = "stretch", valueRange } = options;
  const sizes = new Set(files.map(({ stored }) => `${stored.height} × ${stored.width}`));
  const { height, width } = files[0]!.stored;
  const transparent = files.filter(({ stored }) => stored.transparent).length;
  const values = valueRange && !(isBytes(valueRange) && files.every(({ stored }) => stored.bits === 8)) && valueRange;
  const conversion: Conversion = {
    ...(resize && { resize: { fit, ...(sizes.size === 1 && { from: [height, width] as const }) } }),
    ...(transparent > 0 && { transparent: "white" as const }),
    ...(values && { values: { of: "pictures" as const, range: values } }),
  };
  const clauses = [
    ...(values ? [`values ${formatRange(values)} as gray levels`] : []),
    ...channelsClause(dataset.imageShape, files),
    ...(transparent > 0 ? [`${transparent} of them with transparent areas, composited onto white`] : []),
    ...(resize && !(sizes.has(`${resize[0]} × ${resize[1]}`) && sizes.size === 1)
      ? [`${resizedHow(fit)} to ${resize.join(" × ")} from ${sizes.size === 1 ? [...sizes][0] : "various sizes"}`]
      : []),
  ];
  const provenance = clauses.reduce(withReading, dataset.provenance);
  return { ...dataset, provenance, ...(Object.keys(conversion).length > 0 && { conversion }) };
}

function withInputs(dataset: Dataset, files: readonly StoredFile[], { model, preparation }: InputsOf): Dataset {
  const [height, width, channels] = model.input;
  const resized = files.filter(({ stored }) => stored.height !== height || stored.width !== width).length;
  const colored = channels === 1 ? files.filter(({ stored }) => stored.color).length : 0;
  if (resized === 0 && colored === 0) return dataset;
  const changes = [
    ...(resized > 0 ? [`${resized} of other sizes`] : []),
    ...(colored > 0 ? [`${colored} in color`] : []),
  ];
  const clause = `converted to ${model.input.join(" × ")} as in training: ${changes.join(", ")}`;
  const provenance = withReading(dataset.provenance, clause);
  return { ...dataset, provenance, ...(resized > 0 && { conversion: { preparation } }) };
}

/** What was done to images of another number of channels, if any; how to decide otherwise, unless it was decided. */
function channelsClause([, , channels]: ImageShape, files: readonly StoredFile[]): readonly string[] {
  const colored = files.filter(({ stored }) => stored.color).length;
  const isGiven = channels !== channelsFor(files);
  if (channels === 1 && colored > 0)
    return isGiven
      ? [`${colored} in color converted to gray`]
      : [`converted to gray, though ${colored} of them have color (channels 3 keeps it)`];
  if (channels === 3 && colored < files.length / 2)
    return isGiven
      ? [`${files.length - colored} in gray converted to color`]
      : [`in color, as ${colored} of them are (channels 1 converts them to gray)`];
  return [];
}

const resizedHow = (fit: NonNullable<ImageOptions["fit"]>): string =>
  ({ stretch: "stretched", contain: "fitted", cover: "cropped at their center" })[fit];
