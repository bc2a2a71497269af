import { InklingError } from "../../base/error.ts";
import type { Activity, Update } from "../updates.ts";

/** Tells the page of a session what there is to know. */
export class Reporter {
  readonly report: (update: Update) => void;

  constructor(report: (update: Update) => void) {
    this.report = report;
  }

  activity(activity: Activity): void {
    this.report({ type: "activity", activity });
  }

  /** Reports an error that no call of the page is waiting for. */
  problem(error: unknown): void {
    const isStorage = error instanceof InklingError && error.code === "FILE_SYSTEM";
    const message = error instanceof Error ? error.message : String(error);
    this.report({ type: "problem", message, ...(isStorage && { isStorage }) });
  }
}
