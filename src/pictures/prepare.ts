import type { Image } from "../image/image.ts";
import { checkPicture, type Picture } from "../image/picture.ts";
import { adapt } from "../image/resize.ts";
import { drawInk } from "./draw.ts";
import { flatten } from "./flatten.ts";
import { place } from "./place.ts";
import { type Preparation, type PrepareOptions, resolvePrepareOptions } from "./preparation.ts";
import { factorTo, shrinkBy } from "./shrink.ts";

/** A picture as a model sees it. */
export interface PreparedPicture {
  readonly image: Image;
  /** What was done to it, in words, one line per step. */
  readonly steps: readonly string[];
}

/** Pictures are downscaled to at most this side, or to 32 times the model's side if that is more. */
const WORKING_SIDE = 1024;

/**
 * Makes a picture look like a model's training images [H, W, C]: composites it onto a background, converts it to gray if
 * C = 1, separates ink from background, inverts it if necessary, crops it to the ink, and stretches or fits it to H × W.
 * Throws `INVALID_SHAPE` for an inconsistent picture, and `INVALID_ARGUMENT` for an invalid option.
 */
export function preparePicture(
  picture: Picture,
  [height, width, modelChannels]: readonly [height: number, width: number, channels: number],
  preparation: Preparation,
  options: PrepareOptions = {},
): PreparedPicture {
  const { prepare, polarity, ...settings } = resolvePrepareOptions(options);
  const how = { ...preparation, ...settings };
  const channels = modelChannels === 3 ? 3 : 1;
  const { image: flat, did: laid } = flatten(checkPicture(picture));
  const steps = [`${flat.width} × ${flat.height} pixels`, ...(laid ? [laid] : [])];
  const same = flat.width === width && flat.height === height;
  if (prepare === "never" || (prepare === "auto" && same)) {
    const why = same
      ? "used as is, because it already has the model's input size"
      : `scaled to ${width} × ${height} without further preparation`;
    return { image: adapt(flat, { resize: [height, width], channels }), steps: [...steps, why] };
  }
  const working = shrinkBy(flat, factorTo(flat, Math.max(WORKING_SIDE, 32 * Math.max(height, width))));
  if (working !== flat) steps.push(`downscaled to ${working.width} × ${working.height} for processing`);
  const drawn = drawInk(working, { ...how, polarity, channels }, steps);
  const image = place(drawn, { ...how, height, width, fill: fillFor(drawn, how) });
  steps.push(placedHow(how, width, height));
  return { image, steps };
}

/** The training images' background, or the median of each channel along the picture's border. */
function fillFor({ width, height, channels, pixels }: Image, { background, crop }: Preparation): number[] {
  if (background !== "any" && crop) return new Array<number>(channels).fill(background === "dark" ? 0 : 255);
  return Array.from({ length: channels }, (_, c) => {
    const border: number[] = [];
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x += y === 0 || y === height - 1 ? 1 : Math.max(1, width - 1))
        border.push(pixels[(y * width + x) * channels + c]!);
    return border.sort((a, b) => a - b)[border.length >> 1]!;
  });
}

function placedHow({ fit, margin, center }: Preparation, width: number, height: number): string {
  const free = margin > 0 ? ` with a ${(100 * margin).toFixed(0)} % margin on each side` : "";
  if (fit === "stretch") return `stretched to ${width} × ${height}${free}`;
  return `fitted into ${width} × ${height}${free}, centered by its ${center === "mass" ? "center of mass" : "bounding box"}`;
}
