import type { Dataset } from "../index.ts";
import type { RunConfig } from "../node.ts";
import { openSource } from "./data.ts";
import type { Terminal } from "./terminal.ts";

/** Where a run's data are now, if they have moved. */
export interface Moved {
  readonly source?: string | undefined;
  readonly test?: string | undefined;
}

/** Opens the data that a run was trained on, and those that it was tested on if they are others. */
export async function openRunData(
  { data: { source, test, resize } }: RunConfig,
  moved: Moved,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<{ readonly data: Dataset; readonly test?: Dataset }> {
  const data = await openSource(moved.source ?? source, terminal, { resize, signal });
  const testSource = moved.test ?? test;
  return testSource === undefined
    ? { data }
    : { data, test: await openSource(testSource, terminal, { resize, signal }) };
}
