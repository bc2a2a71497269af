import * as v from "valibot";
import { finite, flag, parseConfig, parseOptions } from "../base/config.ts";
import { type Fit, fits, type ValueRange } from "../image/image.ts";

const margin = v.pipe(
  finite,
  v.minValue(0, "a fraction of the side, at least 0 and below 0.5"),
  v.ltValue(0.5, "a fraction of the side, at least 0 and below 0.5"),
);
const fit = v.picklist(fits, '"stretch", "contain" or "cover"');
const pair = v.pipe(v.strictTuple([finite, finite], "two numbers"), v.readonly());
const values = v.strictObject({
  of: v.picklist(["floats", "integers", "pictures"], "floats, integers or pictures"),
  range: pair,
});
const transparent = v.literal("white", '"white"');
/** The schema of a {@link Preparation}, as files store it. */
export const preparationSchema = v.strictObject({
  background: v.picklist(["dark", "light", "any"], '"dark", "light" or "any"'),
  crop: flag,
  fit,
  margin,
  center: v.picklist(["box", "mass"], '"box" or "mass"'),
  from: v.exactOptional(v.strictObject({ size: pair, fit })),
  transparent: v.exactOptional(transparent),
  values: v.exactOptional(values),
});

/** Numbers in arrays, which are floats or integers, or in image files. */
export type ValueKind = "floats" | "integers" | "pictures";

/**
 * How pictures become inputs of a model, as its training images did: decided when training starts, and part of the model.
 * Plain data.
 *
 * A picture that has the size of the training pictures is used as they were: unchanged or, if they were resized, resized
 * in the same way. Pictures of other sizes are redrawn as ink on a plain background if the training images are that, as
 * `background`, `crop`, `margin` and `center` say; otherwise they are resized.
 */
export interface Preparation {
  /** The background of the training images; `any` if they do not show ink on a plain background. */
  readonly background: "dark" | "light" | "any";
  /** Whether the ink's bounding box is always in the same place, so that pictures are cropped to their ink. */
  readonly crop: boolean;
  /**
   * How a picture fills the frame. Of ink: `stretch`, as in notMNIST, or `contain`, which preserves the aspect ratio, as
   * in MNIST.
   */
  readonly fit: Fit;
  /** The margin on each side of the frame, as a fraction of the frame's height or width: 0 ≤ margin < 0.5. */
  readonly margin: number;
  /** What is placed at the center of the frame: the center of the ink's bounding box, or the ink's center of mass. */
  readonly center: "box" | "mass";
  /** The size of the training pictures, and how they were resized. Default: they had the model's size. */
  readonly from?: { readonly size: readonly [height: number, width: number]; readonly fit: Fit };
  /**
   * What was behind transparent training pictures. Default: white or, for a light shape on a transparent background, black.
   */
  readonly transparent?: "white";
  /**
   * The stored numbers that became black and white in training. Those in arrays concern data sets; those in image files
   * are also applied to pictures that are not redrawn as ink.
   */
  readonly values?: { readonly of: ValueKind; readonly range: ValueRange };
}

/** How a picture fills a frame, in words. */
const fitWords: Readonly<Record<Fit, string>> = {
  stretch: "stretched to",
  contain: "fitted into",
  cover: "cropped to their center and scaled to",
};

/** How pictures become inputs [H, W, C], in a sentence. */
export function describePreparation(
  preparation: Preparation,
  [height, width]: readonly [number, number, number],
): string {
  const { background, crop, fit, from } = preparation;
  const frame = `${height} × ${width}`;
  if (background === "any" && !crop)
    return `Pictures of other sizes are ${fitWords[fit]} ${frame}${height === width ? "" : " (height × width)"}`;
  const own = from ? `${from.size.join(" × ")} are ${fitWords[from.fit]} ${frame}` : `${frame} are used as they are`;
  const ink = background === "dark" ? "light ink on a dark" : "dark ink on a light";
  return `Pictures of ${own}; others are redrawn as ${ink} background${crop ? `, cropped to the ink and ${fitWords[fit]} the frame` : ""}`;
}

/** Only converts pictures to the model's size and channels, for training images about which nothing is known. */
export const resizeOnly: Preparation = { background: "any", crop: false, fit: "stretch", margin: 0, center: "box" };

/** How one picture is prepared. Options that are omitted follow the model's training images. */
export interface PrepareOptions {
  /**
   * `always`; `never`: only convert the picture to the model's channels and size; `auto` (default): `always`, unless the
   * picture has the size of the training pictures.
   */
  readonly prepare?: "auto" | "always" | "never";
  /** `auto` (default): detect polarity from the border and match the training images; `keep`; or `invert`. */
  readonly polarity?: "auto" | "keep" | "invert";
  readonly crop?: boolean;
  readonly fit?: Fit;
  readonly margin?: number;
  readonly center?: "box" | "mass";
}

const optionsSchema = v.strictObject({
  prepare: v.optional(v.picklist(["auto", "always", "never"], '"auto", "always" or "never"'), "auto"),
  polarity: v.optional(v.picklist(["auto", "keep", "invert"], '"auto", "keep" or "invert"'), "auto"),
  crop: v.exactOptional(preparationSchema.entries.crop),
  fit: v.exactOptional(preparationSchema.entries.fit),
  margin: v.exactOptional(preparationSchema.entries.margin),
  center: v.exactOptional(preparationSchema.entries.center),
});

/** Options that are checked and have their defaults. */
export type ResolvedPrepareOptions = PrepareOptions & Required<Pick<PrepareOptions, "prepare" | "polarity">>;

/** Checks the options and fills in defaults. Throws `INVALID_ARGUMENT`, naming the invalid option. */
export const resolvePrepareOptions = (options: PrepareOptions): ResolvedPrepareOptions =>
  parseOptions(optionsSchema, options, "prepare");

/** A model whose inputs images are made into: a `TrainedModel`, for instance. */
export interface InputsOf {
  readonly model: { readonly input: readonly [height: number, width: number, channels: number] };
  readonly preparation: Preparation;
}

/** What was done to the images of a source when they were read, so that the same can be done to pictures. Plain data. */
export interface Conversion {
  /** How they were resized, and the size that all of them had before, if it was the same. */
  readonly resize?: { readonly fit: Fit; readonly from?: readonly [height: number, width: number] };
  /** What was behind those that were transparent, if any were. */
  readonly transparent?: "white";
  /** The stored numbers that became black and white, in arrays or in image files. */
  readonly values?: { readonly of: ValueKind; readonly range: ValueRange };
  /** How they were prepared for a model; the rest is then part of it. */
  readonly preparation?: Preparation;
}

/** The schema of a {@link Conversion}, as files store it. */
export const conversionSchema = v.strictObject({
  resize: v.exactOptional(v.strictObject({ fit, from: v.exactOptional(pair) })),
  transparent: v.exactOptional(transparent),
  values: v.exactOptional(values),
  preparation: v.exactOptional(preparationSchema),
});

/** Checks a preparation from a file's JSON. Throws `INVALID_DATA`, with a message that begins with `what`. */
export const parsePreparation = (json: unknown, what: string): Preparation =>
  parseConfig(preparationSchema, json, what, "INVALID_DATA");
