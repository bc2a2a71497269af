import type { DataOf } from "../../search/node/processes.ts";
import type { SourceSpec } from "../../training/spec.ts";
import { TrainingData } from "../../training/trainingData.ts";
import { openSets } from "../openSource.ts";
import type { Terminal } from "../terminal.ts";

/** What a process that trains is told about its data, and the extensions that it loads first. */
export interface TrialSetup {
  readonly source: SourceSpec;
  readonly modules: readonly string[];
}

/** Opens the data of a study, once for all of its trainings. */
export async function openTrialData(source: SourceSpec, terminal: Terminal, signal?: AbortSignal): Promise<DataOf> {
  const { data, ...separate } = await openSets(source, terminal, { ...source, signal });
  let last: TrainingData | undefined;
  return ({ seed, split }) => {
    if (last?.seed !== seed || JSON.stringify(last.split) !== JSON.stringify(split))
      last = new TrainingData(data, { seed, split, ...separate });
    return last!;
  };
}
