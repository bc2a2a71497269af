import type { AnyDataset, TrainingSpec } from "../index.ts";
import { openWithTest } from "./openSource.ts";
import type { Terminal } from "./terminal.ts";

/** The current location of a run's data, if they have moved. */
export interface Moved {
  readonly source?: string | undefined;
  readonly test?: string | undefined;
  readonly fixes?: readonly string[] | undefined;
}

/** Opens the data that a run was trained on, and its separate test set, if any. */
export async function openRunData(
  { data: { source, test, resize, keepDamaged, fixes } }: TrainingSpec,
  moved: Moved,
  terminal: Terminal,
  signal?: AbortSignal,
): Promise<{ readonly data: AnyDataset; readonly test?: AnyDataset }> {
  return openWithTest(moved.source ?? source, moved.test ?? test, terminal, {
    resize,
    keepDamaged,
    fixes: moved.fixes ?? fixes,
    signal,
  });
}
