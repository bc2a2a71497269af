import type { Picture } from "../image/picture.ts";
import type { MapPoints } from "../report/pages/evaluate/mapPoints.ts";
import type { ImageFacts, ImageFilter, Tiles } from "./browsing.ts";
import type { Step } from "./edits.ts";
import type { About, Plan, Settings } from "./settings.ts";

/*
 * The studio is two halves. A workbench has the data, trains, looks inside and exports; it may be a worker of the page, as
 * here, or a server. The page shows what the workbench reports, all of it plain data, and asks for what the user wants.
 */

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
  /** Opens a data set whose images all are test images; those that are open are then for training and validation. */
  openTest(files: ReadonlyMap<string, Blob>): Promise<void>;
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
  /** Starts to check the labels: with networks of the settings or, without them, with small ones. */
  check(settings?: Settings): Promise<void>;
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
