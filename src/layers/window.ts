import * as v from "valibot";
import { pair, wholeNumber } from "../base/config.ts";
import type { Padding } from "../ops/window.ts";

const ends = v.strictTuple([wholeNumber, wholeNumber]);
const padding: v.GenericSchema<Padding> = v.union(
  [v.picklist(["same", "valid"]), v.strictTuple([ends, ends])],
  '"same", "valid" or [[top, bottom], [left, right]], whole numbers of at least 0',
);

/** The schema of how windows slide; the strides have the default of their layer. */
export const windowSettings = { padding: v.optional(padding, "valid"), dilationRate: v.optional(pair) };

/** How windows slide over an image. A single number is for both axes. */
export interface WindowOptions {
  readonly strides?: number | readonly [height: number, width: number];
  /** "same", "valid", or the zeros around the image: [[top, bottom], [left, right]]. Default: "valid". */
  readonly padding?: Padding;
  /** The distance between neighboring elements of a window. Default: 1. */
  readonly dilationRate?: number | readonly [height: number, width: number];
}

/** The schema of how windows are pooled. */
export const poolSettings = { poolSize: pair, strides: v.optional(pair), ...windowSettings };
