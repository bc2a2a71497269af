import * as v from "valibot";
import { parseConfig } from "../base/config.ts";
import { InklingError } from "../base/error.ts";
import { FORMAT_VERSION, parseVersioned } from "../base/formatVersion.ts";

const text = v.string("a text");
const extent = v.pipe(v.number("a whole number"), v.integer("a whole number"), v.minValue(1, "a whole number above 0"));
const SHA256 = "64 hexadecimal digits";
/** The images to which a fix applies: those with these pixels and this label. */
const target = {
  sha256: v.pipe(v.string(SHA256), v.regex(/^[0-9a-f]{64}$/, SHA256)),
  label: text,
  name: v.exactOptional(text),
};
const fixSchema = v.variant(
  "action",
  [
    v.strictObject({ action: v.literal("drop"), ...target }),
    v.strictObject({ action: v.literal("relabel"), to: text, ...target }),
    v.strictObject({ action: v.literal("keep"), ...target }),
  ],
  "drop, relabel or keep",
);
const fixesSchema = v.strictObject({
  formatVersion: v.literal(FORMAT_VERSION),
  kind: v.literal("fixes", '"fixes"'),
  source: v.exactOptional(text),
  imageShape: v.strictTuple([extent, extent, extent], "[height, width, channels]"),
  fixes: v.array(fixSchema, "a list of fixes"),
});

/**
 * What to do with images of a data set: leave them out (`drop`), give them another label (`relabel`, to the class `to`),
 * or keep them as they are (`keep`: an audit does not list them again). An image is identified by `sha256`, the hash of
 * its pixels [H, W, C], and `label`, the name of its class in the source; `name`, its file there, only distinguishes
 * images for which both are the same.
 */
export type Fix = v.InferOutput<typeof fixSchema>;

/** Fixes for a data set, as stored in a file. The data set itself is never changed. */
export interface Fixes {
  /** Where the images were read from, for display. */
  readonly source?: string;
  /** The shape of the images: resized images have other checksums, so fixes apply to one shape only. */
  readonly imageShape: readonly [height: number, width: number, channels: number];
  readonly fixes: readonly Fix[];
}

/** Parses a fixes file. Throws `UNKNOWN_FORMAT` for another format version, and `INVALID_DATA` if it is not valid. */
export function parseFixes(json: string, what = "fixes"): Fixes {
  const parsed = parseVersioned(json, what, "restore a copy, or create another one with: inkling data audit");
  const { source, imageShape, fixes } = parseConfig(fixesSchema, parsed, what, "INVALID_DATA");
  const seen = new Map<string, number>();
  for (const [i, { sha256, label, name }] of fixes.entries()) {
    const key = JSON.stringify([sha256, label, name]);
    const before = seen.get(key);
    if (before !== undefined)
      throw new InklingError(
        "INVALID_DATA",
        `${what}: fixes ${before} and ${i} are for the same image; keep one of them`,
      );
    seen.set(key, i);
  }
  return { ...(source !== undefined && { source }), imageShape, fixes };
}

/** The text of a fixes file: one line per fix, so that it is easy to edit and to compare. */
export function formatFixes({ source, imageShape, fixes }: Fixes): string {
  const head = { formatVersion: FORMAT_VERSION, kind: "fixes", ...(source !== undefined && { source }), imageShape };
  const lines = fixes.map((fix) => `  ${JSON.stringify(fix)}`);
  const list = lines.length === 0 ? "[]" : `[\n${lines.join(",\n")}\n]`;
  return `${JSON.stringify(head).slice(0, -1)},"fixes":${list}}\n`;
}
