import { type Box, type Image, toColor } from "../image/image.ts";
import { crop } from "../image/place.ts";
import { boxAbove, coverageOf, enlargeBox } from "./coverage.ts";
import { type GraySource, grayFrom, graySourceOf } from "./gray.ts";
import { findInk, type Ink } from "./ink.ts";
import type { Preparation, PrepareOptions } from "./preparation.ts";
import { factorTo, shrinkBy } from "./shrink.ts";

/** How a picture's ink is redrawn. */
export interface DrawOptions extends Pick<Preparation, "background" | "crop"> {
  readonly polarity: NonNullable<PrepareOptions["polarity"]>;
  readonly channels: 1 | 3;
}

/** Ink is located in a downscaled picture of at most this side, and then extracted from the original. */
const SEARCH_SIDE = 128;

/** A picture redrawn, and whether it shows nothing, so that there was nothing to redraw. */
export interface Drawn {
  readonly image: Image;
  readonly isInkless: boolean;
}

/** Redraws the picture with ink and background as requested, cropped to the ink. Adds a line to `steps` for each step. */
export function drawInk(image: Image, options: DrawOptions, steps: string[]): Drawn {
  const plain = () => (options.channels === 3 ? toColor(image) : grayFrom(image, "luma"));
  if (options.background === "any" && !options.crop) return { image: plain(), isInkless: false };
  const factor = factorTo(image, SEARCH_SIDE);
  const reduced = shrinkBy(image, factor);
  const source = graySourceOf(reduced);
  if (image.channels === 3) steps.push(grayStep(source));
  const ink = findInk(grayFrom(reduced, source));
  if (!ink) {
    steps.push("no ink found: the picture is uniform, so it is neither inverted nor cropped");
    return { image: plain(), isInkless: true };
  }
  const size = { width: reduced.width * factor, height: reduced.height * factor };
  const part = options.crop
    ? enlargeBox(ink.box, factor, size)
    : { left: 0, top: 0, right: image.width, bottom: image.height };
  return { image: recolor(crop(image, part), { ink, part, size, source }, options, steps), isInkless: false };
}

interface Found {
  readonly ink: Ink;
  /** The position of the part, in a picture of the given size. */
  readonly part: Box;
  readonly size: Pick<Image, "width" | "height">;
  readonly source: GraySource;
}

function recolor(
  part: Image,
  { ink, part: place, size, source }: Found,
  { background, crop: cropped, polarity, channels }: DrawOptions,
  steps: string[],
): Image {
  const coverage = coverageOf(grayFrom(part, source), ink, place, size);
  const box = cropped
    ? boxAbove(coverage, (255 * ink.threshold) / ink.contrast)
    : { left: 0, top: 0, right: part.width, bottom: part.height };
  if (cropped) steps.push(`cropped to the ink, ${box.right - box.left} × ${box.bottom - box.top} pixels`);
  if (background === "any") return crop(channels === 3 ? toColor(part) : grayFrom(part, "luma"), box);
  const inkIsDark = polarity === "auto" ? background === "light" : ink.darker === (polarity === "keep");
  const same = inkIsDark === ink.darker;
  steps.push(
    `${ink.darker ? "dark on light" : "light on dark"}, judging by its border, ${ink.contrast} gray levels apart: ${same ? "kept" : "inverted"}`,
  );
  if (channels === 3) return inverted(crop(toColor(part), box), !same);
  steps.push("shading and noise removed, contrast stretched to the full range");
  return inverted(crop(coverage, box), inkIsDark);
}

const inverted = (image: Image, yes: boolean): Image =>
  yes ? { ...image, pixels: image.pixels.map((value) => 255 - value) } : image;

const grayStep = (source: GraySource): string =>
  source === "luma"
    ? "converted to gray by luma (Rec. 601)"
    : `converted to gray by its ${source} channel, which has more contrast than luma`;
