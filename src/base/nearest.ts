/**
 * The number of single-character edits between two texts: insertions, deletions, replacements, and swaps of neighbors
 * (optimal string alignment distance).
 */
function distance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = rows[i - 1]![j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row[j] = Math.min(
        replaced,
        rows[i - 1]![j]! + 1,
        row[j - 1]! + 1,
        isSwap ? rows[i - 2]![j - 2]! + 1 : Number.POSITIVE_INFINITY,
      );
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}

/** The candidate that a mistyped name most likely stands for, ignoring case: at most a third of it differs. */
export function nearest(name: string, candidates: readonly string[]): string | undefined {
  const typed = name.toLowerCase();
  const [best] = candidates
    // Each character more is an edit. Without this, a name from a file could take as long as it liked.
    .filter(({ length }) => Math.abs(length - name.length) <= Math.max(length, name.length) / 3)
    .map((candidate) => ({ candidate, edits: distance(typed, candidate.toLowerCase()) }))
    .filter(({ candidate, edits }) => edits <= Math.max(candidate.length, name.length) / 3)
    .sort((a, b) => a.edits - b.edits);
  return best?.candidate;
}

/** A question to append to a message about an unknown name: ` (did you mean fast?)`; empty if no name is near. */
export function didYouMean(name: string, candidates: readonly string[]): string {
  const found = nearest(name, candidates);
  return found === undefined ? "" : ` (did you mean ${found}?)`;
}
