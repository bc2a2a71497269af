import { adapt } from "../image/adapt.ts";
import type { Fit, Image } from "../image/image.ts";
import { type CheckedPicture, checkPicture, type Picture, toBytes } from "../image/picture.ts";
import { place } from "../image/place.ts";
import { formatRange } from "../image/valueRange.ts";
import { drawInk } from "./draw.ts";
import { flatten, onto } from "./flatten.ts";
import {
  type Preparation,
  type PrepareOptions,
  type ResolvedPrepareOptions,
  resolvePrepareOptions,
} from "./preparation.ts";
import { factorTo, shrinkBy } from "./shrink.ts";

/** A picture as a model sees it. */
export interface PreparedPicture {
  readonly image: Image;
  /** What was done to it, in words, one line per step. */
  readonly steps: readonly string[];
  /** Whether its ink was looked for, and there is none. */
  readonly isInkless: boolean;
}

/** Pictures are downscaled to at most this side, or to 32 times the model's side if that is more, before ink is found. */
const WORKING_SIDE = 1024;

type Shape = readonly [height: number, width: number, channels: number];

/**
 * Makes an input of a model [H, W, C] from a picture, as the model's images were made in training: see
 * {@link Preparation}. Throws `INVALID_SHAPE` for an inconsistent picture, and `INVALID_ARGUMENT` for an invalid option.
 */
export const preparePicture = (
  picture: Picture,
  shape: Shape,
  preparation: Preparation,
  options: PrepareOptions = {},
): PreparedPicture => prepareWith(picture, shape, preparation, resolvePrepareOptions(options));

/** {@link preparePicture} with options that are checked, by default those that follow the training images. */
export function prepareWith(
  picture: Picture,
  shape: Shape,
  preparation: Preparation,
  { prepare, polarity, ...settings }: ResolvedPrepareOptions = { prepare: "auto", polarity: "auto" },
): PreparedPicture {
  const how = { ...preparation, ...settings };
  const checked = checkPicture(picture);
  const trainingFit = prepare === "always" ? undefined : fitOfTraining(checked, shape, preparation);
  const isPlaced = how.background !== "any" || how.crop || how.margin > 0 || how.center === "mass";
  if (isPlaced && trainingFit === undefined && prepare !== "never") return redraw(checked, shape, how, polarity);
  return convert(checked, shape, preparation, trainingFit ?? (isPlaced ? "stretch" : how.fit));
}

/** How training made images of pictures of this size; undefined if it did not do so in a way of its own. */
function fitOfTraining({ height, width }: CheckedPicture, shape: Shape, { from }: Preparation): Fit | undefined {
  if (height === shape[0] && width === shape[1]) return "stretch"; // to its own size
  return from && height === from.size[0] && width === from.size[1] ? from.fit : undefined;
}

/** The picture as image files are converted when they are read. */
function convert(
  picture: CheckedPicture,
  [height, width, channels]: Shape,
  { values, transparent }: Preparation,
  fit: Fit,
): PreparedPicture {
  const range = values?.of === "pictures" ? values.range : undefined;
  const bytes = toBytes(picture, range);
  const { image: flat, did } = transparent ? onto(bytes, 255) : flatten(bytes);
  return {
    image: adapt(flat, { resize: [height, width], fit, channels: channels === 3 ? 3 : 1 }),
    steps: [
      sizeIn(picture),
      ...(range ? [`values ${formatRange(range)} taken as gray levels`] : []),
      ...(did ? [did] : []),
      flat.height === height && flat.width === width
        ? "used as is, because it already has the model's input size"
        : placedHow({ fit, margin: 0, center: "box" }, width, height),
    ],
    isInkless: false,
  };
}

/** The picture redrawn like the training images: ink separated from the background, cropped, and placed in the frame. */
function redraw(
  picture: CheckedPicture,
  [height, width, modelChannels]: Shape,
  how: Preparation,
  polarity: NonNullable<PrepareOptions["polarity"]>,
): PreparedPicture {
  const { image: flat, did } = flatten(toBytes(picture));
  const steps = [sizeIn(flat), ...(did ? [did] : [])];
  const working = shrinkBy(flat, factorTo(flat, Math.max(WORKING_SIDE, 32 * Math.max(height, width))));
  if (working !== flat) steps.push(`downscaled to ${working.width} × ${working.height} for processing`);
  const { image: drawn, isInkless } = drawInk(
    working,
    { ...how, polarity, channels: modelChannels === 3 ? 3 : 1 },
    steps,
  );
  const fill = how.background !== "any" && how.crop ? backgroundOf(drawn, how.background) : "edge";
  return {
    image: place(drawn, { ...how, height, width, fill }),
    steps: [...steps, placedHow(how, width, height)],
    isInkless,
  };
}

const sizeIn = ({ width, height }: Pick<Image, "width" | "height">): string =>
  `${width} × ${height} pixels${width === height ? "" : " (width × height)"}`;

const backgroundOf = ({ channels }: Image, background: "dark" | "light"): readonly number[] =>
  new Array<number>(channels).fill(background === "dark" ? 0 : 255);

function placedHow(
  { fit, margin, center }: Pick<Preparation, "fit" | "margin" | "center">,
  width: number,
  height: number,
) {
  const frame = `${width} × ${height}${margin > 0 ? ` with a ${(100 * margin).toFixed(0)} % margin on each side` : ""}`;
  if (fit === "stretch") return `stretched to ${frame}`;
  if (fit === "cover") return `cropped to its center and scaled to ${frame}`;
  return `fitted into ${frame}, centered by its ${center === "mass" ? "center of mass" : "bounding box"}`;
}
