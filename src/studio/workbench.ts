import type { Image } from "../image/image.ts";
import type { Picture } from "../image/picture.ts";
import type { Pictures } from "../report/components/pictures.tsx";
import type { Overrides, TrainResult } from "../training/index.ts";

/*
 * The studio is two halves. A workbench has the data, trains, looks inside and exports; it may be a worker of the page, as
 * here, or a server. The page shows what the workbench reports, all of it plain data, and asks for what the user wants.
 */

/** A class of the data, with some of its images. */
export interface ClassSummary {
  readonly name: string;
  readonly images: number;
  readonly samples: readonly Image[];
}

/** The data that are open. */
export interface DataSummary {
  /** "letters", or the name of what was dropped. */
  readonly source: string;
  readonly images: number;
  readonly imageShape: readonly [height: number, width: number, channels: number];
  readonly classes: readonly ClassSummary[];
  /** How the source was read, such as which folders are classes. */
  readonly reading?: string;
  /** Files that could not be used, and why. */
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
}

/** How the images are divided. */
export interface Division {
  readonly training: number;
  readonly validation: number;
  readonly test: number;
  /** What makes scores misleading. */
  readonly warnings: readonly string[];
}

/** What a training is started with. */
export interface Settings {
  /** The name of a recipe. */
  readonly recipe: string;
  readonly overrides: Overrides;
}

/** A setting of a training, for a form. */
export interface SettingInfo {
  readonly path: string;
  readonly help: string;
  readonly type: string;
  readonly choices?: readonly string[];
}

/** What the workbench can do, told once. */
export interface About {
  readonly version: string;
  readonly recipes: readonly { readonly name: string; readonly description: string }[];
  readonly settings: readonly SettingInfo[];
  readonly threads: number;
}

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
}

/** The network that is trained, or would be. */
export interface NetworkSummary {
  readonly parameters: number;
  readonly multiplyAdds: number;
}

/** What settings come to: the recipe's own values where nothing else is set. */
export interface Plan extends NetworkSummary {
  readonly steps: number;
  readonly batchSize: number;
  readonly seed: number;
  /** The highest of the schedule. */
  readonly learningRate: number;
}

/** What a training does at present. */
export type Activity = "idle" | "preparing" | "training" | "paused" | "trained";

/** What the workbench reports. */
export type Update =
  | { readonly type: "data"; readonly data: DataSummary }
  | { readonly type: "division"; readonly division: Division }
  | { readonly type: "activity"; readonly activity: Activity }
  | {
      readonly type: "started";
      readonly settings: Settings;
      readonly network: NetworkSummary;
      readonly steps: number;
      readonly threads: number;
      readonly classes: readonly string[];
    }
  | {
      readonly type: "progress";
      readonly step: number;
      readonly steps: number;
      readonly loss: number;
      readonly imagesPerSecond: number;
      readonly secondsLeft: number;
    }
  | {
      readonly type: "validation";
      readonly validation: Validation;
      readonly confusion?: readonly (readonly number[])[] | undefined;
    }
  | { readonly type: "inside"; readonly inside: Inside }
  | { readonly type: "notLearning"; readonly isCertain: boolean }
  | { readonly type: "result"; readonly result: TrainResult; readonly tested: Tested }
  | { readonly type: "problem"; readonly message: string }
  | { readonly type: "storage"; readonly used: number; readonly quota: number };

/** A file that the user takes along. */
export interface TakenFile {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** How it was checked, if it can be. */
  readonly check?: string;
}

/** The forms in which a model is exported. */
export const exportForms = ["onnx", "wasm", "c", "npm", "weights"] as const;
export type ExportForm = (typeof exportForms)[number];

/** What the page asks for. Errors reject, with a message for the user. */
export interface Workbench {
  /** Opens what was stored by an earlier visit, or else the built-in letters. */
  begin(): Promise<About>;
  /** Opens the built-in letters. */
  openLetters(): Promise<void>;
  /** Opens a data set, a run, or a model's run folder, from files by their paths. */
  openFiles(files: ReadonlyMap<string, Blob>): Promise<void>;
  /** The images of a class from one on, at most `count`. */
  images(label: number, first: number, count: number): Promise<readonly Image[]>;
  /** What the settings come to for the data that are open. */
  plan(settings: Settings): Promise<Plan>;
  start(settings: Settings): Promise<void>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** One step; starts a training that has not started. */
  step(settings: Settings): Promise<void>;
  /** Ends the training and forgets its weights. */
  reset(): Promise<void>;
  /** The picture to try from now on; a blank one shows nothing. */
  look(picture: Picture | Blob): Promise<void>;
  export(form: ExportForm): Promise<TakenFile>;
  /** The run as a file that `inkling train --resume` and this page go on with. */
  saveRun(): Promise<TakenFile>;
  /** Deletes everything that is stored in this browser. */
  forget(): Promise<void>;
}

/** The methods of a workbench. */
export type WorkbenchMethod = keyof Workbench;
