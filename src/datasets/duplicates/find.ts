import type { Images } from "../images.ts";
import { type DuplicateGroup, findExactDuplicates } from "./exact.ts";
import { findNearDuplicates } from "./near.ts";

/** How alike duplicates are: they have the same pixels, or look the same. */
export type Alike = "pixels" | "near";

const finders: Readonly<Record<Alike, (...sets: readonly Images[]) => readonly DuplicateGroup[]>> = {
  pixels: findExactDuplicates,
  near: findNearDuplicates,
};

/**
 * Groups of two or more duplicates, in the order of their first rows. The rows of several data sets, which must have
 * images of one shape, are counted on from set to set. Images look the same where small grey copies of them hardly differ.
 */
export const findDuplicates = (sets: readonly Images[], alike: Alike = "pixels"): readonly DuplicateGroup[] =>
  finders[alike](...sets);
