/**
 * A table of whole numbers with the given sums of rows r and columns c (Σr = Σc = N), in which every entry is
 * r·c / N rounded down or up: so many of each class to each split.
 *
 * It starts from the exact fractions, kept as whole multiples of 1/N. The sums are whole, so a row or a column
 * with one fraction has another; walking from one to the next must come round, and moving as much as possible
 * along that cycle, up and down in turn, makes at least one fraction whole and changes no sum (controlled rounding).
 */
export function apportion(rows: readonly number[], columns: readonly number[]): number[][] {
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

/** Fractional cells that lie on a cycle, each in one line with the next, rows and columns in turn. */
function findCycle(cells: readonly number[][], total: number): Cell[] | undefined {
  const fractional = (row: number, column: number) => cells[row]![column]! % total !== 0;
  const columns = cells[0]?.map((_, column) => column) ?? [];
  const start = cells.findIndex((row) => row.some((cell) => total > 0 && cell % total !== 0));
  if (start < 0) return undefined;
  // Rows stand at even places of the walk, columns at odd ones.
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
