import type { Images } from "../images.ts";
import type { DuplicateGroup } from "./exact.ts";
import { type Alike, findDuplicates } from "./find.ts";

/** Rows of a data set. */
export interface ChosenRows {
  readonly dataset: Images;
  readonly rows: ArrayLike<number>;
}

/** Those of the rows to test that have a twin among the rows to train on, in order. Both may be of one data set. */
export function findTwins(training: ChosenRows, test: ChosenRows, alike: Alike = "pixels"): Uint32Array {
  const one = training.dataset === test.dataset;
  const groups = findDuplicates(one ? [test.dataset] : [test.dataset, training.dataset], alike);
  const first = one ? 0 : test.dataset.labels.length;
  return twinsAmong(
    groups,
    test.rows,
    Uint32Array.from(training.rows, (row) => first + row),
  );
}

/** Those of some rows that have a duplicate among other rows, in order. */
export function twinsAmong(
  groups: readonly DuplicateGroup[],
  rows: ArrayLike<number>,
  others: ArrayLike<number>,
): Uint32Array {
  const [wanted, among] = [marked(rows), marked(others)];
  const twins = groups.flatMap((group) => {
    const found = group.filter((row) => among[row]);
    // A row is no twin of itself.
    return group.filter((row) => wanted[row] && (found.length > 1 || (found.length === 1 && found[0] !== row)));
  });
  return Uint32Array.from(twins).sort();
}

/** 1 at the places of some rows: a set of millions takes far more. */
function marked(rows: ArrayLike<number>): Uint8Array {
  let last = -1;
  for (let i = 0; i < rows.length; i++) last = Math.max(last, rows[i]!);
  const marks = new Uint8Array(last + 1);
  for (let i = 0; i < rows.length; i++) marks[rows[i]!] = 1;
  return marks;
}
