/**
 * How many images of each class each part gets: a table of integers whose row sums are r (the class counts) and whose
 * column sums are c (the part sizes), Σr = Σc = N, in which every entry is r·c / N rounded down or up.
 *
 * Controlled rounding: start from the exact fractions, as integer multiples of 1/N. Sums are integers, so a row or
 * column with one fractional entry has another, and walking from one to the next eventually closes a cycle. Moving as
 * much as possible along the cycle, alternately up and down, makes at least one entry an integer and changes no sum.
 */
export function stratifiedCounts(rows: readonly number[], columns: readonly number[]): number[][] {
  const total = rows.reduce((sum, row) => sum + row, 0);
  const cells = rows.map((row) => columns.map((column) => row * column));
  for (let cycle = findCycle(cells, total); cycle; cycle = findCycle(cells, total)) {
    const up = cycle.filter((_, i) => i % 2 === 0);
    const down = cycle.filter((_, i) => i % 2 === 1);
    const part = ([row, column]: Cell) => cells[row]![column]! % total;
    const step = Math.min(...up.map((cell) => total - part(cell)), ...down.map(part));
    for (const [row, column] of up) cells[row]![column]! += step;
    for (const [row, column] of down) cells[row]![column]! -= step;
  }
  return cells.map((row) => row.map((cell) => (total === 0 ? 0 : cell / total)));
}

type Cell = readonly [row: number, column: number];

/** Fractional cells on a cycle, each sharing alternately a row and a column with the next. */
function findCycle(cells: readonly number[][], total: number): Cell[] | undefined {
  const fractional = (row: number, column: number) => cells[row]![column]! % total !== 0;
  const columns = cells[0]?.map((_, column) => column) ?? [];
  const start = cells.findIndex((row) => row.some((cell) => total > 0 && cell % total !== 0));
  if (start < 0) return undefined;
  // Rows are at even positions of the walk, columns at odd ones.
  const walk = [start];
  for (;;) {
    const [last, before] = [walk.at(-1)!, walk.at(-2)];
    const atRow = walk.length % 2 === 1;
    const next = atRow
      ? columns.find((column) => column !== before && fractional(last, column))!
      : cells.findIndex((_, row) => row !== before && fractional(row, last));
    const seen = walk.findIndex((line, i) => i % 2 === walk.length % 2 && line === next);
    if (seen < 0) {
      walk.push(next);
      continue;
    }
    const cycle = [...walk.slice(seen), next];
    return cycle.slice(1).map((line, i) => {
      const fromRow = (seen + i) % 2 === 0;
      return fromRow ? [cycle[i]!, line] : [line, cycle[i]!];
    });
  }
}
