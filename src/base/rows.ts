/** Copies some rows of an array, `size` elements each, one after another to the front of another array. */
export function copyRows(from: Uint8Array, size: number, rows: ArrayLike<number>, to: Uint8Array): void {
  for (let i = 0; i < rows.length; i++) to.set(from.subarray(rows[i]! * size, (rows[i]! + 1) * size), i * size);
}
