import type { SuspectKind } from "../audit/index.ts";
import type { SplitName } from "../datasets/index.ts";
import type { Image } from "../image/image.ts";
import type { Decision } from "./edits.ts";

/**
 * What can be listed: all images, those with the same pixels as another, those that look like another, those of the validation
 * or test with a copy in training, those whose labels are suspected, those about which something was decided, and those that
 * are left out.
 */
export const imageKinds = ["all", "copies", "alike", "leaks", "suspects", "decided", "leftOut"] as const;
export type ImageKind = (typeof imageKinds)[number];

/** Which images are listed. */
export interface ImageFilter {
  readonly kind: ImageKind;
  /** The class that they belong to. Default: any. */
  readonly label?: number;
  /** Default: any. */
  readonly split?: SplitName;
}

/** What is known about an image. */
export interface ImageNote {
  readonly row: number;
  /** The class that it belongs to; −1 if it is left out. */
  readonly label: number;
  /** The class that it has in the source, or was added to. */
  readonly given: number;
  /** Undefined while the data are being split, and for an image that is left out. */
  readonly split?: SplitName;
  readonly decision?: Decision;
  readonly name?: string;
  readonly isSuspect: boolean;
}

/** Images to show side by side: their pixels, RGBA, one image after another. */
export interface Tiles {
  readonly height: number;
  readonly width: number;
  readonly pixels: Uint8ClampedArray<ArrayBuffer>;
  readonly notes: readonly ImageNote[];
}

/** What an audit says about an image. Classes are numbered as by edits. */
export interface Suspicion {
  readonly row: number;
  readonly kind: SuspectKind;
  readonly suggested: number;
  /** The most probable classes, and that of the label. */
  readonly probable: readonly { readonly label: number; readonly probability: number }[];
}

/** One image, larger. */
export interface ImageFacts extends ImageNote {
  readonly image: Image;
  /** Rows of images with the same pixels. */
  readonly copies: readonly number[];
  readonly suspicion?: Suspicion;
}

/** A check of the data in progress, or what it has found. */
export type Check =
  | { readonly state: "running"; readonly share: number; readonly secondsLeft?: number }
  | {
      readonly state: "done";
      readonly suspects: Readonly<Record<SuspectKind, number>>;
      /** Images that look like another. */
      readonly alike: number;
    };
