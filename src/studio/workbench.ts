import type { ClassActivationMap } from "../evaluation/index.ts";
import type { Image } from "../image/image.ts";
import type { Picture } from "../image/picture.ts";
import type { LayerField } from "../layers/fields.ts";
import type { LayerConfig } from "../layers/index.ts";
import type { LayerProblem } from "../model/checkLayers.ts";
import type { LayerSummary } from "../model/index.ts";
import type { OptimizerConfig } from "../optimizers/index.ts";
import type { Pictures } from "../report/components/pictures.tsx";
import type { MapPoints } from "../report/pages/evaluate/mapPoints.ts";
import type { Reliability } from "../report/reliability.ts";
import type { LearningRateSweep, Overrides, TrainingOption, TrainResult } from "../training/index.ts";
import type { Check, ImageFacts, ImageFilter, Tiles } from "./browsing.ts";
import type { Step } from "./edits.ts";

/*
 * The studio is two halves. A workbench has the data, trains, looks inside and exports; it may be a worker of the page, as
 * here, or a server. The page shows what the workbench reports, all of it plain data, and asks for what the user wants.
 */

/** A class of the data, with some of its images. */
export interface ClassSummary {
  /** Its number in edits. */
  readonly label: number;
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
  readonly edits: EditSummary;
}

/** What the user has changed. */
export interface EditSummary {
  /** Whether the data differ from those that were opened. */
  readonly isEdited: boolean;
  /** Images about which something is decided. */
  readonly decided: number;
  readonly leftOut: number;
  readonly added: number;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
}

/** How the images are divided. */
export interface Division {
  readonly training: number;
  readonly validation: number;
  readonly test: number;
  /** What makes scores misleading. */
  readonly warnings: readonly string[];
  /** Images with the same pixels as another. */
  readonly copies: number;
  /** Images of the validation or test with a copy in training, or of the test with one in the validation. */
  readonly leaks: number;
}

/** What a training is started with. */
export interface Settings {
  /** The name of a recipe. */
  readonly recipe: string;
  readonly overrides: Overrides;
  /** The layers of the network. Default: the recipe's. */
  readonly layers?: readonly LayerConfig[];
  /** The optimizer, as a run that was opened has it. Default: the recipe's. */
  readonly optimizer?: OptimizerConfig;
  /** Seconds that the training has; the number of steps follows from them. Default: as many as the steps take. */
  readonly budget?: number;
  /** The number of threads. Default: all processors. */
  readonly threads?: number;
  /** Seconds between two times at which the training is stored. Default: 5. */
  readonly checkpointEvery?: number;
  /** The id of the run whose weights the training starts from. Default: random weights. */
  readonly initFrom?: string;
}

/** A setting of a training, for a form. */
export interface SettingInfo
  extends Pick<TrainingOption, "path" | "help" | "type" | "group" | "unit" | "otherwise" | "choices" | "default"> {
  /** Whether it is one of the overrides, or stands beside them. */
  readonly isOverride: boolean;
}

/** A type of layer, for an editor. */
export interface LayerInfo {
  readonly type: string;
  readonly fields: readonly LayerField[];
  /** The settings that it begins with. */
  readonly usual: Readonly<Record<string, unknown>>;
}

/** What the workbench can do, told once. */
export interface About {
  readonly version: string;
  readonly recipes: readonly { readonly name: string; readonly description: string }[];
  readonly settings: readonly SettingInfo[];
  readonly layers: readonly LayerInfo[];
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
  /** The least probability at which to answer, so that so many of the answers are right. */
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

/** The network that is trained, or would be. */
export interface NetworkSummary {
  readonly parameters: number;
  readonly multiplyAdds: number;
}

/** A layer of a network that is planned. */
export interface PlannedLayer extends Pick<LayerSummary, "parameters" | "multiplyAdds"> {
  readonly config: LayerConfig & { readonly name: string };
  /** The shape of its output for one image. */
  readonly shape: readonly number[];
}

/** What settings come to: the recipe's own values where nothing else is set. */
export interface Plan extends NetworkSummary {
  /** The layers or, where one is wrong, those before it. */
  readonly layers: readonly PlannedLayer[];
  /** Which layer is wrong. */
  readonly problem?: LayerProblem;
  readonly steps: number;
  readonly batchSize: number;
  readonly seed: number;
  /** The highest of the schedule. */
  readonly learningRate: number;
}

/** A run that is kept. */
export interface RunSummary {
  readonly id: string;
  /** What it was trained on: "letters", or the name of what was dropped. */
  readonly source: string;
  readonly settings: Settings;
  /** Steps done, and to do. */
  readonly step: number;
  readonly steps: number;
  readonly parameters: number;
  readonly validations: readonly Validation[];
  /** The result, of the test images, if it has come to its end. */
  readonly result?: { readonly accuracy: number; readonly loss: number; readonly weightsSha256: string };
}

/** A sweep of learning rates, so far. */
export interface Sweep extends LearningRateSweep {
  readonly isDone: boolean;
}

/** What a training does at present; "followed" is one of another process. */
export type Activity = "idle" | "preparing" | "training" | "paused" | "trained" | "followed";

/** What the workbench reports. */
export type Update =
  | { readonly type: "data"; readonly data: DataSummary }
  /** The same data, edited. */
  | { readonly type: "edited"; readonly data: DataSummary }
  | { readonly type: "division"; readonly division: Division }
  /** Why the data cannot be divided, such as because there are no images yet. */
  | { readonly type: "undivided"; readonly reason: string }
  /** Files that are being read. */
  | { readonly type: "opening"; readonly images: number; readonly bytes: number; readonly totalBytes?: number }
  | { readonly type: "check"; readonly check?: Check }
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
  | { readonly type: "runs"; readonly runs: readonly RunSummary[]; readonly shown?: string | undefined }
  | { readonly type: "sweep"; readonly sweep?: Sweep }
  | { readonly type: "problem"; readonly message: string; readonly isStorage?: boolean }
  /**
   * What a page that comes from a server is connected to: that server; none at present; another one since, whose token it does
   * not have; or a worker, since it was opened without a token.
   */
  | { readonly type: "connection"; readonly to: "server" | "none" | "other" | "worker" }
  | { readonly type: "machine"; readonly machine: Machine }
  /** A new version of the page is there, which is used once the user wants it. */
  | { readonly type: "newVersion" }
  | ({ readonly type: "storage" } & StorageUse);

/** A run in the folder of runs of a machine. */
export interface MachineRun {
  /** Its path, by which it is opened. */
  readonly path: string;
  readonly status: "running" | "stopped" | "finished" | "unreadable";
  readonly recipe: string;
  /** What it was trained on. */
  readonly source: string;
  readonly step: number;
  readonly steps: number;
  /** The accuracy on test images, at its end. */
  readonly accuracy?: number;
  /** The address of the page of its report, relative to that of the studio. */
  readonly report?: string;
}

/** What a server has of its machine: the data sets that it was started with, and the runs of a folder. */
export interface Machine {
  readonly sources: readonly string[];
  readonly folder: string;
  readonly runs: readonly MachineRun[];
}

/** Bytes that are stored, and may be. */
export interface StorageUse {
  readonly used: number;
  readonly quota: number;
  /** Whether another tab stores there, and this one does not. */
  readonly isElsewhere?: boolean;
}

/** A file that the user takes along. */
export interface TakenFile {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer> | Blob;
  /** How it was checked, if it can be. */
  readonly check?: string;
}

/** The forms in which a model is exported. */
export const exportForms = ["onnx", "wasm", "c", "npm", "card", "weights"] as const;
export type ExportForm = (typeof exportForms)[number];

/** What the page asks for. Errors reject, with a message for the user. */
export interface Workbench {
  /** Opens what was stored by an earlier visit, or else the built-in letters. */
  begin(): Promise<About>;
  /** Opens the built-in letters. */
  openLetters(): Promise<void>;
  /** Hands over some of the files to open, since a page that hands over thousands at once stands still meanwhile. */
  handOver(files: ReadonlyMap<string, Blob>): Promise<void>;
  /** Opens a data set, a run, or a model's run folder, from files by their paths; or applies label corrections. */
  openFiles(files: ReadonlyMap<string, Blob>): Promise<void>;
  /**
   * Opens a data set or a run of the machine by its path, which must be among those of {@link Machine}; a run that another
   * process trains is followed. A workbench in a page has no machine.
   */
  openPath(path: string): Promise<void>;
  /** Opens data without images, of these classes. */
  openNew(name: string, classNames: readonly string[]): Promise<void>;
  /** Ends what takes long: opening files, or a check. */
  stop(): Promise<void>;
  /** The rows of images, in an order in which to look at them. */
  rows(filter: ImageFilter): Promise<Uint32Array>;
  /** Images to show side by side, at most `side` pixels high and wide. */
  tiles(rows: Uint32Array, side: number): Promise<Tiles>;
  facts(row: number): Promise<ImageFacts>;
  edit(step: Step): Promise<void>;
  undo(): Promise<void>;
  redo(): Promise<void>;
  /** Adds pictures to a class, by their names. */
  addPictures(label: number, pictures: ReadonlyMap<string, Picture | Blob>): Promise<void>;
  /** Adds the picture that is tried to a class. */
  addTried(label: number): Promise<void>;
  /** Starts to check the labels. */
  check(): Promise<void>;
  /** The data with their edits, as an .inkling file. */
  saveData(): Promise<TakenFile>;
  /** What is decided about images, as a file of label corrections. */
  saveFixes(): Promise<TakenFile>;
  /** What the settings come to for the data that are open. */
  plan(settings: Settings): Promise<Plan>;
  start(settings: Settings): Promise<void>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** One step; starts a training that has not started. */
  step(settings: Settings): Promise<void>;
  /** Ends the training and forgets its weights. */
  reset(): Promise<void>;
  /** Trains at growing learning rates, to find one, and reports the losses; the weights are discarded. */
  sweep(settings: Settings): Promise<void>;
  /** Ends a sweep. */
  stopSweep(): Promise<void>;
  /** Shows a run that is kept, which can go on. */
  showRun(id: string): Promise<void>;
  /** Deletes a run that is kept. */
  deleteRun(id: string): Promise<void>;
  /** The picture to try from now on; a blank one shows nothing. */
  look(picture: Picture | Blob): Promise<void>;
  /** Whether to say where in the picture the network sees its answer, which takes some hundred predictions. */
  explain(isOn: boolean): Promise<void>;
  /** A map of the test images by what the last hidden layer makes of them. */
  map(): Promise<MapPoints>;
  export(form: ExportForm): Promise<TakenFile>;
  /** The run as a file that `inkling train --resume` and this page go on with. */
  saveRun(): Promise<TakenFile>;
  /** Deletes everything that is stored in this browser. */
  forget(): Promise<void>;
}

/** The methods of a workbench. */
export type WorkbenchMethod = keyof Workbench;
