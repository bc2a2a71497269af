import * as v from "valibot";
import { parseConfig, wholeNumber } from "../base/config.ts";
import { crc32 } from "../base/crc32.ts";
import { InklingError } from "../base/error.ts";
import { parseJsonObject } from "../base/json.ts";
import type { Parameter, Parameters, ParameterValue, Space } from "../training/space/parameter.ts";

/*
 * The journal of a study: what has happened, a line of JSON each, only ever appended to. It is a journal of Optuna's
 * JournalFileBackend (optuna/storages/journal/_storage.py), so Optuna and its dashboard read it. Each line ends with the
 * CRC-32 of what precedes it, and has what Optuna has no place for under "inkling"; Optuna ignores both.
 */

/** Operations of Optuna's journal. */
const operations = { createStudy: 0, setStudyAttribute: 2, createTrial: 4, endTrial: 6, report: 7 } as const;
const STATES = { running: 0, complete: 1, pruned: 2, failed: 3 } as const;

/** What a step of a study came to: the score of a trial after a number of training steps. */
export interface StepRecord {
  readonly trial: number;
  readonly rung: number;
  readonly steps: number;
  readonly score: number;
  readonly weightsSha256: string;
  readonly seconds: number;
  /** The scores of the folds, of which the score is the mean; absent without cross-validation. */
  readonly folds?: readonly number[] | undefined;
}

/** An entry of a journal. */
export type JournalEntry =
  /** The start of the study. */
  | { readonly type: "study"; readonly name: string; readonly maximize: boolean }
  /** Something to know about the study, by name: its definition, the training it varies, the test of its winner. */
  | { readonly type: "note"; readonly key: string; readonly value: unknown }
  /** A trial with its parameters. Trials are created in the order of their numbers. */
  | { readonly type: "trial"; readonly trial: number; readonly parameters: Parameters; readonly time: string }
  /** A score, after a number of training steps. */
  | ({ readonly type: "score" } & StepRecord)
  /** Why a trial has no score. */
  | {
      readonly type: "failure";
      readonly trial: number;
      readonly rung: number;
      readonly problem: string;
      readonly time: string;
    }
  /** The end of a trial that has scores. It follows from these, and is for other readers of the journal. */
  | {
      readonly type: "end";
      readonly trial: number;
      readonly state: "complete" | "pruned";
      readonly score: number;
      readonly time: string;
    };

/** A line of the journal, with its line break. Optuna needs the space of the study to read the parameters of trials. */
export function encodeEntry(entry: JournalEntry, space: Space = {}): string {
  const text = JSON.stringify({ ...recordOf(entry, space), worker_id: "inkling" }).slice(0, -1);
  return `${text},"crc":"${checksum(text)}"}\n`;
}

const checksum = (text: string): string => crc32(new TextEncoder().encode(text)).toString(16).padStart(8, "0");

function recordOf(entry: JournalEntry, space: Space): Readonly<Record<string, unknown>> {
  switch (entry.type) {
    case "study":
      return { op_code: operations.createStudy, study_name: entry.name, directions: [entry.maximize ? 2 : 1] };
    case "note":
      return {
        op_code: operations.setStudyAttribute,
        study_id: 0,
        user_attr: { [`inkling:${entry.key}`]: entry.value },
      };
    case "trial": {
      const { trial, parameters, time } = entry;
      const names = Object.keys(parameters);
      return {
        op_code: operations.createTrial,
        study_id: 0,
        datetime_start: time,
        state: STATES.running,
        distributions: Object.fromEntries(names.map((name) => [name, distributionOf(space[name]!)])),
        params: Object.fromEntries(names.map((name) => [name, internalOf(space[name]!, parameters[name]!)])),
        inkling: { trial, parameters },
      };
    }
    case "score": {
      const { trial, rung, steps, score, weightsSha256, seconds, folds } = entry;
      const inkling = { rung, weightsSha256, seconds, folds };
      return { op_code: operations.report, trial_id: trial, step: steps, intermediate_value: score, inkling };
    }
    case "failure": {
      const { trial, rung, problem, time } = entry;
      const inkling = { rung, problem };
      return {
        op_code: operations.endTrial,
        trial_id: trial,
        state: STATES.failed,
        values: null,
        datetime_complete: time,
        inkling,
      };
    }
    case "end": {
      const { trial, state, score, time } = entry;
      return {
        op_code: operations.endTrial,
        trial_id: trial,
        state: STATES[state],
        values: [score],
        datetime_complete: time,
      };
    }
  }
}

/** A parameter as Optuna's JSON of a distribution. */
function distributionOf(parameter: Parameter): string {
  if (parameter.type === "choice")
    return JSON.stringify({ name: "CategoricalDistribution", attributes: { choices: parameter.values } });
  const { low, high, log, whole } = parameter;
  return JSON.stringify({
    name: whole ? "IntDistribution" : "FloatDistribution",
    attributes: { log, step: whole ? 1 : null, low, high },
  });
}

const internalOf = (parameter: Parameter, value: ParameterValue): number =>
  parameter.type === "choice" ? parameter.values.indexOf(value) : (value as number);

const number = v.number("a number");
const text = v.string("a text");
const value = v.union([number, text, v.boolean()]);
const lines = {
  [operations.createStudy]: v.object({ study_name: text, directions: v.tuple([v.picklist([1, 2])]) }),
  [operations.setStudyAttribute]: v.object({ user_attr: v.record(text, v.unknown()) }),
  [operations.createTrial]: v.object({
    datetime_start: text,
    inkling: v.object({ trial: wholeNumber, parameters: v.record(text, value) }),
  }),
  [operations.report]: v.object({
    trial_id: wholeNumber,
    step: wholeNumber,
    intermediate_value: number,
    inkling: v.object({ rung: wholeNumber, weightsSha256: text, seconds: number, folds: v.optional(v.array(number)) }),
  }),
  [operations.endTrial]: v.object({
    trial_id: wholeNumber,
    state: v.picklist([STATES.complete, STATES.pruned, STATES.failed]),
    values: v.nullable(v.tuple([number])),
    datetime_complete: text,
    inkling: v.optional(v.object({ rung: wholeNumber, problem: text })),
  }),
} as const;

/** The intact entries of a journal. */
export interface DecodedJournal {
  readonly entries: readonly JournalEntry[];
  /** The length of these entries. Anything after it is a last line that was only written in part. */
  readonly bytes: number;
}

/**
 * The entries of a journal. A last line without a line break, or with a wrong checksum, was being written when its process
 * was killed, and is left out. Throws `INVALID_DATA` naming any other line that is damaged, and `path`.
 */
export function decodeJournal(bytes: Uint8Array, path: string): DecodedJournal {
  const entries: JournalEntry[] = [];
  let start = 0;
  for (let number = 1; ; number++) {
    const end = bytes.indexOf(10, start);
    if (end < 0) return { entries, bytes: start };
    const line = new TextDecoder().decode(bytes.subarray(start, end));
    const isLast = end + 1 === bytes.length;
    const match = /^(.*),"crc":"([0-9a-f]{8})"\}$/s.exec(line);
    if (!match || checksum(match[1]!) !== match[2]) {
      if (isLast && number > 1) return { entries, bytes: start };
      throw new InklingError(
        "INVALID_DATA",
        `${path} line ${number} is damaged: its checksum does not match; restore a copy of the study`,
      );
    }
    entries.push(...entryOf(line, `${path} line ${number}`));
    start = end + 1;
  }
}

function entryOf(line: string, where: string): readonly JournalEntry[] {
  const json = parsed(line, where);
  const { op_code: operation } = json as { readonly op_code?: keyof typeof lines };
  // What another program appends does not concern a study, such as an attribute set in Optuna's dashboard.
  if (typeof operation !== "number" || !Object.hasOwn(lines, operation)) return [];
  const schema = lines[operation];
  const record = parseConfig(schema, json, where, "INVALID_DATA");
  if ("study_name" in record) return [{ type: "study", name: record.study_name, maximize: record.directions[0] === 2 }];
  if ("user_attr" in record) {
    const [[key, note] = ["", undefined]] = Object.entries(record.user_attr);
    return key.startsWith("inkling:") ? [{ type: "note", key: key.slice("inkling:".length), value: note }] : [];
  }
  if ("datetime_start" in record) return [{ type: "trial", ...record.inkling, time: record.datetime_start }];
  const { trial_id: trial } = record;
  if ("step" in record)
    return [{ type: "score", trial, steps: record.step, score: record.intermediate_value, ...record.inkling }];
  const { state, values, inkling, datetime_complete: time } = record;
  if (state === STATES.failed) return inkling ? [{ type: "failure", trial, ...inkling, time }] : [];
  return values
    ? [{ type: "end", trial, state: state === STATES.complete ? "complete" : "pruned", score: values[0], time }]
    : [];
}

function parsed(line: string, where: string): object {
  const json = parseJsonObject(line);
  if (json) return json;
  throw new InklingError("INVALID_DATA", `${where} is not valid JSON; restore a copy of the study`);
}
