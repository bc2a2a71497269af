import type { Images } from "../images.ts";
import { type DuplicateGroup, findExactDuplicates } from "./exact.ts";
import { findNearDuplicates } from "./near.ts";

/** What counts as a duplicate: an image with the same pixels, or one that looks the same. */
export type Alike = "pixels" | "near";

const finders: Readonly<Record<Alike, (...sets: readonly Images[]) => readonly DuplicateGroup[]>> = {
  pixels: findExactDuplicates,
  near: findNearDuplicates,
};

/**
 * Groups of two or more duplicates, in the order of their first rows. Several data sets, which must have images of the
 * same shape, are numbered consecutively. Images look the same (`near`) if their thumbnails, at most 16 × 16 pixels, have
 * a correlation of at least 0.995 and differ by at most 64 of 255 in each pixel.
 */
export const findDuplicates = (sets: readonly Images[], alike: Alike = "pixels"): readonly DuplicateGroup[] =>
  finders[alike](...sets);
