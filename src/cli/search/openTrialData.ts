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

/** The most splits that are kept: those of the folds, which take turns. */
const KNOWN = 12;

/** Opens the data of a study, once for all of its trainings. */
export async function openTrialData(source: SourceSpec, terminal: Terminal, signal?: AbortSignal): Promise<DataOf> {
  const { data, ...separate } = await openSets(source, terminal, { ...source, signal });
  const known = new Map<string, TrainingData>();
  return ({ seed, split }) => {
    const key = JSON.stringify({ seed, split });
    const found = known.get(key) ?? new TrainingData(data, { seed, split, ...separate });
    known.delete(key);
    known.set(key, found);
    for (const oldest of [...known.keys()].slice(0, -KNOWN)) known.delete(oldest);
    return found;
  };
}
