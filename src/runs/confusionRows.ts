import { InklingError } from "../base/error.ts";
import type { Score } from "../evaluation/index.ts";
import type { TrainResult } from "../training/index.ts";

/** Up to this many classes, a record has every count of a confusion matrix; of more, only those that are not 0. */
const DENSE = 64;
/** The most counts of a matrix that is read. */
const MOST = 2 ** 26;

/** A row of a confusion matrix in a record: all counts, or those that are not 0 as `answer:count answer:count`. */
type Row = readonly number[] | string;

const compact = (score: Score): unknown =>
  score.confusion.length <= DENSE
    ? score
    : {
        ...score,
        confusion: score.confusion.map((row) =>
          row.flatMap((count, answer) => (count === 0 ? [] : [`${answer}:${count}`])).join(" "),
        ),
      };

/** A result with its scores changed. */
const withScores = (result: TrainResult, change: (score: Score) => unknown): unknown => ({
  ...result,
  validation: change(result.validation),
  test: change(result.test),
  ...(result.best && { best: { ...result.best, test: change(result.best.test) } }),
});

/** A result for a record, which with thousands of classes would have millions of zeros. */
export const compactResult = (result: TrainResult): unknown => withScores(result, compact);

/** The result of a record, with all counts. Throws `INVALID_DATA`, beginning with `what`, for a row that is not one. */
export function fullResult(result: TrainResult, classes: number, what: string): TrainResult {
  const wrong = (row: unknown) =>
    new InklingError("INVALID_DATA", `${what}: ${JSON.stringify(row)} is not a row of a confusion matrix`);
  const full = (row: Row): readonly number[] => {
    if (typeof row !== "string") return row;
    const counts = new Array<number>(classes).fill(0);
    for (const entry of row.split(" ").filter((text) => text !== "")) {
      const [, answer, count] = /^(\d{1,9}):(\d{1,15})$/.exec(entry) ?? [];
      if (answer === undefined || Number(answer) >= classes) throw wrong(row);
      counts[Number(answer)] = Number(count);
    }
    return counts;
  };
  return withScores(result, (score) => {
    const rows: unknown = score.confusion;
    if (!Array.isArray(rows) || rows.every((row) => typeof row !== "string")) return score;
    if (rows.length !== classes || classes ** 2 > MOST) throw wrong(`${rows.length} rows`);
    return { ...score, confusion: rows.map(full) };
  }) as TrainResult;
}
