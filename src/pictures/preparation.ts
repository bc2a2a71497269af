import * as v from "valibot";
import { finite, flag, parseConfig } from "../base/config.ts";
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

/** What a model's training images look like, and so how a picture is made to look like them. Plain data. */
export interface Preparation {
  /** What the images show behind their ink; `any` where they have no ink on an even background. */
  readonly background: "dark" | "light" | "any";
  /** Whether the ink's bounding box always has the same place, so that pictures are cropped to their ink. */
  readonly crop: boolean;
  /** `stretch` to the whole frame, as notMNIST does, or `contain` with the proportions kept, as MNIST does. */
  readonly fit: "stretch" | "contain";
  /** What stays free on each side of the frame, as a share of it. */
  readonly margin: number;
  /** What lies in the middle of the frame: the middle of the ink's box, or the ink's centre of mass. */
  readonly center: "box" | "mass";
}

/** Pictures are only brought to the model's size and channels: for training images that nothing is known about. */
export const resizeOnly: Preparation = { background: "any", crop: false, fit: "stretch", margin: 0, center: "box" };

/** How one picture is prepared; what is left out is as the model's training images are. */
export interface PrepareOptions {
  /**
   * `always`; `never`: only its channels and size are made the model's; `auto` (the default): always, unless the
   * picture already has the model's size, as images of the training data have.
   */
  readonly prepare?: "auto" | "always" | "never";
  /** `auto` (the default): as the training images are, told from the border; `keep` or `invert` what is there. */
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

/** The options with their defaults. Throws `INVALID_ARGUMENT` naming the wrong one. */
export const resolvePrepareOptions = (
  options: PrepareOptions,
): PrepareOptions & Required<Pick<PrepareOptions, "prepare" | "polarity">> =>
  parseConfig(optionsSchema, options, "prepare");

/** A preparation read from JSON, checked. */
export const parsePreparation = (json: unknown, what: string, code: ErrorCode): Preparation =>
  parseConfig(schema, json, what, code);
