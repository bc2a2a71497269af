import type { Pictures } from "../../components/pictures.tsx";
import { answeredPictures } from "../answeredPictures.ts";
import type { AnsweredRows } from "./answeredRows.ts";

/** Which pictures a page holds. */
export interface ShownPictures {
  readonly pictures: Pictures;
  /** Places among the pictures by places among the rows. */
  readonly placeOf: ReadonlyMap<number, number>;
  /** Places among the rows of the mistakes, the most certain first, and of all images, the least certain first. */
  readonly mistakes: readonly number[];
  readonly uncertain: readonly number[];
}

/** Bytes of pictures on a page, so that all of it stays below 5 MB. */
const BUDGET = 3_400_000;
/** The least certain images that are shown whether they are right or not. */
const UNCERTAIN = 48;

/**
 * The pictures that fit on a page: all mistakes first, the most certain ones before the others, then the least certain answers,
 * then `wanted`, then some of every cell of the confusion matrix.
 */
export function shownPictures(given: AnsweredRows, wanted: readonly number[] = []): ShownPictures {
  const { dataset, rows, answers, confidences } = given;
  const labelOf = (i: number) => dataset.labels[rows[i]!]!;
  const all = Array.from(rows, (_, i) => i);
  const rising = all.toSorted((a, b) => confidences[a]! - confidences[b]!);
  const mistakes = rising.filter((i) => labelOf(i) !== answers[i]).toReversed();
  const uncertain = rising.slice(0, UNCERTAIN);
  const order = [...new Set([...mistakes, ...uncertain, ...wanted, ...spread(all, labelOf)])];
  const pictures = answeredPictures(
    dataset,
    order.map((i) => ({ row: rows[i]!, answer: answers[i]!, confidence: confidences[i]! })),
    BUDGET,
  );
  const shown = order.slice(0, pictures.rows.length);
  return { pictures, placeOf: new Map(shown.map((i, place) => [i, place])), mistakes, uncertain };
}

/** The first of each class, then the second of each, and so on. */
function spread(all: readonly number[], classOf: (i: number) => number): readonly number[] {
  const seen = new Map<number, number>();
  const turns = all.map((i) => {
    const turn = seen.get(classOf(i)) ?? 0;
    seen.set(classOf(i), turn + 1);
    return turn;
  });
  return all.toSorted((a, b) => turns[a]! - turns[b]! || a - b);
}
