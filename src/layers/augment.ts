/*
 * Augmentation: layers that change images at random during training and do nothing at inference, like
 * Keras' preprocessing layers. They come right after the input.
 */

import * as v from "valibot";
import { finite, wholeNumber } from "../base/config.ts";

/** What pixels from outside an image are: a normalized value, or those of the image's nearest edge. */
export const outside = v.union([finite, v.literal("edge")], 'a number or "edge"');

/** An angle. */
export const degrees = v.pipe(
  v.number("degrees from 0 to 180"),
  v.minValue(0, "degrees from 0 to 180"),
  v.maxValue(180, "degrees from 0 to 180"),
);

/** Whole pixels along both axes, or along each; always stored as a pair. */
export const wholePair = v.pipe(
  v.union(
    [wholeNumber, v.strictTuple([wholeNumber, wholeNumber])],
    "a whole number of pixels of at least 0, or two of them: [rows, columns]",
  ),
  v.transform((x): [number, number] => (typeof x === "number" ? [x, x] : x)),
);

/** The value of a black pixel after the default normalization: (0 − 127.5) / 255. */
export const BLACK = -0.5;
