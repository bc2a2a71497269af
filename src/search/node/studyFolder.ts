import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import * as v from "valibot";
import { count, parseConfig, wholeNumber } from "../../base/config.ts";
import { InklingError } from "../../base/error.ts";
import { type Lock, takeLock } from "../../base/node/lock.ts";
import { makeFolders } from "../../base/node/ownFolder.ts";
import { checkParameters, type Parameters } from "../../training/space/parameter.ts";
import { parseDefinition, type StudyDefinition } from "../definition.ts";
import type { JournalEntry, StepRecord } from "../journal.ts";
import { type Job, Study } from "../study.ts";
import { JournalFile, readJournal } from "./journalFile.ts";
import { dropWeights, type TrialResult } from "./trial.ts";

const JOURNAL = "journal.jsonl";

/** The training that a study varies, as plain data: what its command line said. */
export interface StudyTraining {
  /** The name or the file of the recipe. */
  readonly recipe: string;
  readonly origin: Readonly<Record<string, unknown>>;
  readonly overrides: Readonly<Record<string, unknown>>;
  readonly backend: string;
  /** The number of folds of cross-validation; absent without it. */
  readonly folds?: number | undefined;
}

/** A study as its journal has it. */
export interface SavedStudy {
  readonly study: Study;
  readonly name: string;
  readonly training: StudyTraining;
  /** Steps that have a score, in the order in which they ended. */
  readonly records: readonly StepRecord[];
  /** What was noted last under each name. */
  readonly notes: ReadonlyMap<string, unknown>;
}

const trainingSchema = v.strictObject({
  recipe: v.string("a text"),
  origin: v.record(v.string(), v.unknown()),
  overrides: v.record(v.string(), v.unknown()),
  backend: v.string("a text"),
  folds: v.optional(count),
});

/** The folder of a trial's run, in the folder of its study. */
export const runOf = (path: string, trial: number): string => join(path, "trials", String(trial).padStart(4, "0"));

/** Reads a study. Throws `NOT_FOUND`, and `INVALID_DATA` for a journal that is damaged or not that of a study of Inkling. */
export async function readStudy(path: string): Promise<SavedStudy> {
  const file = join(path, JOURNAL);
  const { entries } = await readJournal(file);
  const notes = new Map(entries.flatMap((entry) => (entry.type === "note" ? [[entry.key, entry.value] as const] : [])));
  const name = entries.find((entry) => entry.type === "study")?.name;
  if (name === undefined || !notes.has("definition") || !notes.has("training") || !notes.has("trials"))
    throw new InklingError("INVALID_DATA", `${file} is not the journal of a study, or was stopped before its start`);
  const definition = parseDefinition(notes.get("definition"), `${file}: definition`, "INVALID_DATA");
  const training = parseConfig(trainingSchema, notes.get("training"), `${file}: training`, "INVALID_DATA");
  const trials = parseConfig(wholeNumber, notes.get("trials"), `${file}: trials`, "INVALID_DATA");
  const study = new Study(definition, trials);
  return { study, name, training, notes, records: replay(study, entries, file) };
}

/** Tells a study what a journal says, and gives back what it says beside scores. */
function replay(study: Study, entries: readonly JournalEntry[], file: string): readonly StepRecord[] {
  const records: StepRecord[] = [];
  const begun = new Set<number>();
  for (const entry of entries) {
    if ("trial" in entry && entry.trial >= study.size)
      throw new InklingError(
        "INVALID_DATA",
        `${file}: trial ${entry.trial} is not one of the ${study.size} of the study; restore a copy of it`,
      );
    if (entry.type === "trial") {
      checkRestored(study, entry.parameters, `${file}: trial ${entry.trial}`);
      study.restore(entry.trial, entry.parameters);
      begun.add(entry.trial);
    }
    if (entry.type !== "score" && entry.type !== "failure") continue;
    const step = study.stepOf(entry.trial, entry.rung);
    if (step === undefined || !begun.has(entry.trial))
      throw new InklingError("INVALID_DATA", `${file}: trial ${entry.trial} has a result that it cannot have yet`);
    if (entry.type === "failure") study.tell(step, { problem: entry.problem });
    else {
      study.tell(step, { score: entry.score });
      const { type: _, ...record } = entry;
      records.push(record);
    }
  }
  return records;
}

/** Throws `INVALID_DATA` for parameters that the study's space does not have. */
function checkRestored({ definition }: Study, parameters: Parameters, what: string): void {
  try {
    checkParameters(definition.space, parameters);
  } catch (cause) {
    throw new InklingError("INVALID_DATA", `${what}: ${(cause as Error).message}; restore a copy of the study`, {
      cause,
    });
  }
}

/** The folder of a study, locked by this process until it is closed. */
export class StudyFolder implements SavedStudy {
  readonly path: string;
  readonly study: Study;
  readonly name: string;
  readonly training: StudyTraining;
  readonly #journal: JournalFile;
  readonly #lock: Lock;
  readonly #records: StepRecord[];
  readonly #notes: Map<string, unknown>;
  /** Trials that the journal has the start, and the end, of. */
  readonly #created: Set<number>;
  readonly #ended: Set<number>;
  /** Trials without weights. */
  readonly #dropped = new Set<number>();

  private constructor(path: string, saved: SavedStudy, journal: JournalFile, lock: Lock) {
    this.path = path;
    this.study = saved.study;
    this.name = saved.name;
    this.training = saved.training;
    this.#records = [...saved.records];
    this.#notes = new Map(saved.notes);
    this.#journal = journal;
    this.#lock = lock;
    this.#created = new Set(saved.study.trials.map(({ number }) => number));
    this.#ended = new Set(saved.study.trials.filter(({ state }) => state !== "running").map(({ number }) => number));
  }

  get records(): readonly StepRecord[] {
    return this.#records;
  }

  get notes(): ReadonlyMap<string, unknown> {
    return this.#notes;
  }

  /** The folder of a trial's run or, with folds, of its runs. */
  runOf(trial: number): string {
    return runOf(this.path, trial);
  }

  /** Creates a study. Throws `FILE_SYSTEM` if the folder is not empty, cannot be written, or is in use. */
  static async create(
    path: string,
    { definition, training, trials }: { definition: StudyDefinition; training: StudyTraining; trials: number },
  ): Promise<StudyFolder> {
    const lock = await lockStudy(path);
    try {
      if (existsSync(join(path, JOURNAL)))
        throw new InklingError(
          "FILE_SYSTEM",
          `${path} already has a study; resume it with --resume ${path}, or choose another folder with --out`,
        );
      const name = basename(path);
      const journal = await JournalFile.open(join(path, JOURNAL), definition.space);
      await journal.append([
        { type: "study", name, maximize: definition.maximize },
        { type: "note", key: "definition", value: definition },
        { type: "note", key: "training", value: training },
        { type: "note", key: "trials", value: trials },
      ]);
      return new StudyFolder(path, await readStudy(path), journal, lock);
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  /** Opens a study to go on with it. Throws as {@link readStudy} does, and `FILE_SYSTEM` if it is in use. */
  static async resume(path: string): Promise<StudyFolder> {
    await readStudy(path); // throws before anything is written if there is no study
    const lock = await lockStudy(path);
    try {
      const saved = await readStudy(path);
      const journal = await JournalFile.open(join(path, JOURNAL), saved.study.definition.space);
      return new StudyFolder(path, saved, journal, lock);
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  /** Makes the study longer. */
  async extend(trials: number): Promise<void> {
    if (trials <= this.study.size) return;
    await this.note("trials", trials);
    this.study.extend(trials);
  }

  /** Notes something about the study; the last note under a name counts. */
  async note(key: string, value: unknown): Promise<void> {
    await this.#append([{ type: "note", key, value }]);
    this.#notes.set(key, value);
  }

  /** Records the start of a step, if it is the first of its trial. */
  async begin({ trial, parameters }: Pick<Job, "trial" | "parameters">): Promise<void> {
    if (this.#created.has(trial)) return;
    this.#created.add(trial);
    await this.#append([{ type: "trial", trial, parameters: parameters as Parameters, time: now() }]);
  }

  /** Records what came of a step, and tells the study. */
  async finish({ step, trial, rung }: Job, steps: number, result: TrialResult): Promise<void> {
    if ("problem" in result) {
      await this.#append([{ type: "failure", trial, rung, problem: result.problem, time: now() }]);
      this.study.tell(step, { problem: result.problem });
    } else {
      const record = { trial, rung, steps, ...result };
      await this.#append([{ type: "score", ...record }]);
      this.#records.push(record);
      this.study.tell(step, { score: result.score });
    }
    await this.#recordEnds();
  }

  /** Removes the weights of all trials that have ended but the best ones. */
  async keepBest(count: number): Promise<void> {
    const best = new Set(this.study.ranking.slice(0, count).map(({ number }) => number));
    for (const { number, state } of this.study.trials)
      if (state !== "running" && !best.has(number) && !this.#dropped.has(number)) {
        this.#dropped.add(number);
        const folder = this.runOf(number);
        await dropWeights(folder, await readdir(folder, { recursive: true }).catch(() => []));
      }
  }

  /** Closes the journal and releases the lock on the folder. */
  async close(): Promise<void> {
    await this.#journal.close();
    await this.#lock.release();
  }

  /** As {@link close}, at the end of a block with `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #append(entries: readonly JournalEntry[]): Promise<void> {
    await this.#lock.check();
    await this.#journal.append(entries);
  }

  async #recordEnds(): Promise<void> {
    const entries: JournalEntry[] = [];
    for (const { number: trial, state, outcomes } of this.study.trials) {
      if (state === "running" || this.#ended.has(trial)) continue;
      this.#ended.add(trial);
      const last = outcomes.at(-1)!;
      if (state !== "failed" && "score" in last)
        entries.push({ type: "end", trial, state, score: last.score, time: now() });
    }
    if (entries.length > 0) await this.#append(entries);
  }
}

const now = (): string => new Date().toISOString();

async function lockStudy(path: string): Promise<Lock> {
  await makeFolders(path);
  return takeLock(join(path, "lock"), { doing: `using the study ${path}`, otherwise: "use another folder" });
}
