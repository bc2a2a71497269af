import { InklingError } from "../../base/error.ts";
import type { ReadOptions } from "../../formats/format.ts";
import type { PortableRun } from "../../runs/portableRun.ts";
import type { DataSpec } from "../../training/index.ts";
import { sameData } from "../../training/spec.ts";
import type { TrainingData } from "../../training/trainingData.ts";
import { type DataDesk, LETTERS } from "./dataDesk.ts";
import type { OpenedPath } from "./host.ts";
import type { OpenedData } from "./openedData.ts";

/** Finds the data that runs were trained on. */
export class RunData {
  readonly #desk: DataDesk;
  /** What was opened by a path, by the run that was there. */
  readonly #byPath = new WeakMap<PortableRun, OpenedPath>();

  constructor(desk: DataDesk) {
    this.#desk = desk;
  }

  /** Notes with what data a run was opened by its path. */
  note(saved: PortableRun, found: OpenedPath): void {
    this.#byPath.set(saved, found);
  }

  /**
   * The data of a run: those of its path, those that are open, or the built-in letters, which it opens. Throws `NOT_FOUND` where
   * the data of the run are not open.
   */
  async open(saved: PortableRun): Promise<TrainingData> {
    const found = this.#byPath.get(saved);
    if (found?.run) {
      if (this.#desk.opened.dataset !== found.dataset) await this.#desk.openBuiltIn(found.dataset, found.name);
      return found.run.data;
    }
    const { opened } = this.#desk;
    const fits = await fitting(saved, opened);
    if (fits) return fits;
    const { data: wanted } = saved.run!.config;
    if (opened.editing.canUndo)
      throw new InklingError(
        "NOT_FOUND",
        `this run was trained on ${wanted.source} as it was before you changed it, or on other data; undo the changes to show it, or train again`,
      );
    if (opened.name !== LETTERS && wanted.source === LETTERS) {
      await this.#desk.openLetters();
      const letters = await fitting(saved, this.#desk.opened);
      if (letters) return letters;
    }
    throw new InklingError("NOT_FOUND", whatIsMissing(wanted));
  }
}

/** Data that are open as a run divides them, if it was trained on them. */
async function fitting(saved: PortableRun, opened: OpenedData): Promise<TrainingData | undefined> {
  const { data: wanted, seed, split } = saved.run!.config;
  try {
    const data = opened.divide({ seed, split });
    return sameData(wanted, await data.spec) ? data : undefined;
  } catch (error) {
    if (error instanceof InklingError) return undefined; // they cannot be split in this way
    throw error;
  }
}

/** Asks for the data of a run. */
function whatIsMissing({ source, fixes = [], test, validation }: DataSpec): string {
  const separate = test ?? validation;
  if (separate !== undefined)
    return `this run has separate images for validation or test, ${separate}; resume it in a terminal: inkling train --resume`;
  const fixed = fixes.length > 0 ? ` with the corrections in ${fixes.join(", ")}` : "";
  return `this run was trained on ${source}${fixed}, which is not open here; drop or choose these data, and the run is shown`;
}

/** How the images of a run's data were read. */
export function readingOf(saved: PortableRun): ReadOptions {
  const { resize, fit, channels, valueRange, keepDamaged, classPattern } = saved.run!.config.data;
  const given = { resize, fit, channels, valueRange, keepDamaged, classPattern };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
