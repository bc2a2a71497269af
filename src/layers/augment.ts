import * as v from "valibot";
import { notNegative } from "../base/config.ts";

/*
 * Augmentation: layers that change images at random in training and nothing when testing, as Keras'
 * preprocessing layers. They follow the input.
 */

/** What a normalized image is where its pixels are 0: (0 − 127.5) / 255. */
export const BLACK = -0.5;

/** [0, 1) */
export const share = v.pipe(notNegative, v.ltValue(1, "a number below 1"));
