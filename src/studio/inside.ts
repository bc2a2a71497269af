import type { ClassActivationMap } from "../evaluation/index.ts";
import type { Image } from "../image/image.ts";
import type { Pictures } from "../report/components/pictures.tsx";
import type { Reliability } from "../report/reliability.ts";

/* What a network shows of itself while it learns, and at its end. */

/** A stage of the network for the picture that is tried: a layer with weights, or one that changes the shape. */
export interface Stage {
  readonly name: string;
  readonly type: string;
  /** The shape of its output for one image. */
  readonly shape: readonly number[];
  /** Its output: `count` tiles [height,width] below one another, from 0 to 255. */
  readonly tiles: {
    readonly height: number;
    readonly width: number;
    readonly count: number;
    readonly values: Uint8Array;
  };
}

/** What the network makes of the picture that is tried, with its weights at present. */
export interface Inside {
  readonly stages: readonly Stage[];
  /** The kernels of the first convolution, as tiles like those of a stage. */
  readonly filters?: Stage["tiles"];
  /** In the order of the classes. */
  readonly probabilities: readonly number[];
  /** Where in the picture the network sees its answer, if that is asked for. */
  readonly explanation?: { readonly image: Image; readonly method: ClassActivationMap["method"] };
  /** The picture as the network sees it, and what was done to it. */
  readonly seen: Image;
  readonly steps: readonly string[];
  /** Whether the picture shows nothing. */
  readonly isBlank: boolean;
}

/** A validation. */
export interface Validation {
  readonly step: number;
  readonly loss: number;
  readonly accuracy: number;
}

/** What the test images of a finished training show. */
export interface Tested {
  readonly confusion: readonly (readonly number[])[];
  /** Images with what the model answers: all mistakes that fit, then others. */
  readonly pictures: Pictures;
  /** Places among the pictures of those that the model is wrong about, the most certain first. */
  readonly mistakes: readonly number[];
  /** How often answers are right, by their probability: before calibration and after. */
  readonly probabilities: Reliability;
  /** The least probability at which to answer, so that a given share of the answers is right. */
  readonly thresholds: readonly Threshold[];
}

/** From which probability on a model answers. */
export interface Threshold {
  /** The part of the answers that are right, with 95 % certainty by the validation images. */
  readonly target: number;
  /** The least probability of an answer. */
  readonly threshold: number;
  /** The part of the validation images that is answered. */
  readonly coverage: number;
}
