import type { Images } from "../images.ts";
import { type DuplicateGroup, findExactDuplicates } from "./exact.ts";
import { findNearDuplicates } from "./near.ts";

const finders = { pixels: findExactDuplicates, near: findNearDuplicates };

/** How alike duplicates are: they have the same pixels, or look the same. */
export type Alike = keyof typeof finders;

/**
 * Groups of two or more duplicates, in the order of their first rows. The rows of several data sets, which must have
 * images of one shape, are counted on from set to set. Images that look the same are those of {@link findNearDuplicates}.
 */
export const findDuplicates = (sets: readonly Images[], alike: Alike = "pixels"): readonly DuplicateGroup[] =>
  finders[alike](...sets);
