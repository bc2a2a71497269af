import type { Images } from "../images.ts";
import type { DuplicateGroup } from "./exact.ts";
import { type Alike, findDuplicates } from "./find.ts";

/** Rows of a data set. */
export interface ChosenRows {
  readonly dataset: Images;
  readonly rows: ArrayLike<number>;
}

/**
 * Train/test duplicates: the test rows, in ascending order, whose image is also among the training rows (`pixels`, the
 * default) or looks the same as one of them (`near`). Both may be rows of the same data set.
 */
export function findTrainTestDuplicates(training: ChosenRows, test: ChosenRows, alike: Alike = "pixels"): Uint32Array {
  const one = training.dataset === test.dataset;
  const groups = findDuplicates(one ? [test.dataset] : [test.dataset, training.dataset], alike);
  const first = one ? 0 : test.dataset.labels.length;
  return duplicatesAcross(
    groups,
    test.rows,
    Uint32Array.from(training.rows, (row) => first + row),
  );
}

/** The rows that have a duplicate among other rows, in ascending order. */
export function duplicatesAcross(
  groups: readonly DuplicateGroup[],
  rows: ArrayLike<number>,
  others: ArrayLike<number>,
): Uint32Array {
  const [wanted, among] = [marked(rows), marked(others)];
  const duplicates = groups.flatMap((group) => {
    const found = group.filter((row) => among[row]);
    // A row is not a duplicate of itself.
    return group.filter((row) => wanted[row] && (found.length > 1 || (found.length === 1 && found[0] !== row)));
  });
  return Uint32Array.from(duplicates).sort();
}

/** An array with 1 at the given rows, which takes far less memory than a set of millions. */
function marked(rows: ArrayLike<number>): Uint8Array {
  let last = -1;
  for (let i = 0; i < rows.length; i++) last = Math.max(last, rows[i]!);
  const marks = new Uint8Array(last + 1);
  for (let i = 0; i < rows.length; i++) marks[rows[i]!] = 1;
  return marks;
}
