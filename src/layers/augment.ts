import * as v from "valibot";
import { notNegative } from "../base/config.ts";

/*
 * Augmentation: layers that change images at random during training and do nothing at inference, like
 * Keras' preprocessing layers. They come right after the input.
 */

/** The value of a black pixel after the default normalization: (0 − 127.5) / 255. */
export const BLACK = -0.5;

/** A fraction in [0, 1). */
export const share = v.pipe(notNegative, v.ltValue(1, "a number below 1"));
