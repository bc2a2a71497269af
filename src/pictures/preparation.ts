import * as v from "valibot";
import { finite, flag, parseConfig, parseOptions } from "../base/config.ts";
import type { ErrorCode } from "../base/error.ts";

const margin = v.pipe(
  finite,
  v.minValue(0, "a fraction of the side, at least 0 and below 0.5"),
  v.ltValue(0.5, "a fraction of the side, at least 0 and below 0.5"),
);
const schema = v.strictObject({
  background: v.picklist(["dark", "light", "any"], '"dark", "light" or "any"'),
  crop: flag,
  fit: v.picklist(["stretch", "contain"], '"stretch" or "contain"'),
  margin,
  center: v.picklist(["box", "mass"], '"box" or "mass"'),
});

/** How a picture must be prepared to look like a model's training images. Plain data. */
export interface Preparation {
  /** The background of the images; `any` if they do not show ink on a uniform background. */
  readonly background: "dark" | "light" | "any";
  /** Whether the ink's bounding box is always in the same place, so that pictures are cropped to their ink. */
  readonly crop: boolean;
  /** `stretch` to the whole frame, as in notMNIST, or `contain`, which preserves the aspect ratio, as in MNIST. */
  readonly fit: "stretch" | "contain";
  /** The margin on each side of the frame, as a fraction of the frame's height or width: 0 ≤ margin < 0.5. */
  readonly margin: number;
  /** What is placed at the center of the frame: the center of the ink's bounding box, or the ink's center of mass. */
  readonly center: "box" | "mass";
}

/** Only converts pictures to the model's size and channels, for training images about which nothing is known. */
export const resizeOnly: Preparation = { background: "any", crop: false, fit: "stretch", margin: 0, center: "box" };

/** How one picture is prepared. Options that are omitted follow the model's training images. */
export interface PrepareOptions {
  /**
   * `always`; `never`: only convert the picture to the model's channels and size; `auto` (default): `always`, unless the
   * picture already has the model's size, as images from the training data do.
   */
  readonly prepare?: "auto" | "always" | "never";
  /** `auto` (default): detect polarity from the border and match the training images; `keep`; or `invert`. */
  readonly polarity?: "auto" | "keep" | "invert";
  readonly crop?: boolean;
  readonly fit?: "stretch" | "contain";
  readonly margin?: number;
  readonly center?: "box" | "mass";
}

const optionsSchema = v.strictObject({
  prepare: v.optional(v.picklist(["auto", "always", "never"], '"auto", "always" or "never"'), "auto"),
  polarity: v.optional(v.picklist(["auto", "keep", "invert"], '"auto", "keep" or "invert"'), "auto"),
  crop: v.exactOptional(schema.entries.crop),
  fit: v.exactOptional(schema.entries.fit),
  margin: v.exactOptional(schema.entries.margin),
  center: v.exactOptional(schema.entries.center),
});

/** Checks the options and fills in defaults. Throws `INVALID_ARGUMENT`, naming the invalid option. */
export const resolvePrepareOptions = (
  options: PrepareOptions,
): PrepareOptions & Required<Pick<PrepareOptions, "prepare" | "polarity">> =>
  parseOptions(optionsSchema, options, "prepare");

/** Checks a preparation read from JSON. Throws an error with the given code if it is invalid. */
export const parsePreparation = (json: unknown, what: string, code: ErrorCode): Preparation =>
  parseConfig(schema, json, what, code);
