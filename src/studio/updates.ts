import type { LearningRateSweep, TrainResult } from "../training/index.ts";
import type { Check } from "./browsing.ts";
import type { DataSummary, Division } from "./dataSummary.ts";
import type { Inside, Tested, Validation } from "./inside.ts";
import type { Machine, RunSummary } from "./runSummary.ts";
import type { NetworkSummary, Settings } from "./settings.ts";

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
  /** The page is isolated, and can use several threads, once it is loaded again. */
  | { readonly type: "canIsolate" }
  /** A new version of the page is there, which is used once the user wants it. */
  | { readonly type: "newVersion" }
  | ({ readonly type: "storage" } & StorageUse);

/** Bytes that are stored, and may be. */
export interface StorageUse {
  readonly used: number;
  readonly quota: number;
  /** Whether another tab stores there, and this one does not. */
  readonly isElsewhere?: boolean;
}
