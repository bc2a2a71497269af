import * as v from "valibot";
import { count, parseConfig, uint32, wholeNumber } from "../base/config.ts";
import { type ErrorCode, InklingError } from "../base/error.ts";
import { type Parameters, parseSpace, type Space } from "../training/space/parameter.ts";
import { sampler } from "./samplers/index.ts";
import { comparedBy, type Pruning } from "./schedule.ts";

/** Everything that determines the trials of a study, apart from their results. */
export interface StudyDefinition {
  readonly space: Space;
  /** The parameters of the first trials, which are not drawn. */
  readonly initial: readonly Parameters[];
  /** The name of the sampler. */
  readonly sampler: string;
  readonly seed: number;
  /** Whether larger scores are better. */
  readonly maximize: boolean;
  /**
   * How many steps may be in progress at once: a step begins only if all but the last lag − 1 steps before it are done, and
   * depends only on the results of those. So trials are the same for any number of workers up to the lag.
   */
  readonly lag: number;
  readonly pruning: Pruning;
}

/** The most trials of a study. */
export const MOST_TRIALS = 100_000;
/** The most steps in progress at once. */
const MOST_LAG = 1000;
/** The most trials that are compared with one another. */
const MOST_COMPARED = 10_000;

const value = v.union([v.number(), v.string(), v.boolean()]);
const schema = v.strictObject({
  space: v.looseObject({}, "a space"),
  initial: v.array(v.record(v.string(), value), "a list of parameters"),
  sampler: v.string("the name of a sampler"),
  seed: uint32,
  maximize: v.boolean("true or false"),
  lag: v.pipe(count, v.maxValue(MOST_LAG, `at most ${MOST_LAG}`)),
  pruning: v.strictObject({
    type: v.picklist(["none", "halving", "hyperband"], '"none", "halving" or "hyperband"'),
    factor: v.pipe(count, v.minValue(2, "a whole number of at least 2")),
    comparisons: wholeNumber,
  }),
});

/** A definition from plain data, checked. Throws an error with the given code, naming what is wrong. */
export function parseDefinition(json: unknown, what = "study", code: ErrorCode = "INVALID_ARGUMENT"): StudyDefinition {
  const parsed = parseConfig(schema, json, what, code);
  const { factor, comparisons } = parsed.pruning;
  if (comparedBy(parsed.pruning) > MOST_COMPARED)
    throw new InklingError(
      code,
      `${what}: pruning compares ${factor}^${comparisons} trials with one another, more than the limit of ${MOST_COMPARED}; use a smaller factor, or fewer comparisons`,
    );
  if (sampler(parsed.sampler).size && parsed.pruning.type !== "none")
    throw new InklingError(
      "INVALID_ARGUMENT",
      `the sampler ${parsed.sampler} tries every combination, so none can be pruned; use --pruning none, or another sampler`,
    );
  return { ...parsed, space: parseSpace(parsed.space, `${what}: space`) };
}
