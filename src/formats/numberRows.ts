import { allocateImages } from "../datasets/imageRows.ts";
import type { NdArray } from "./ndarray.ts";

/** Rows of numbers in a buffer that grows: bytes as long as all are whole numbers in 0 … 255, and 32-bit floats from then on. */
export class NumberRows {
  readonly width: number;
  #values: Uint8Array | Float32Array;
  #count = 0;

  constructor(width: number) {
    this.width = width;
    this.#values = allocateImages(Math.max(width, 2 ** 16));
  }

  get count(): number {
    return this.#count;
  }

  push(row: Float32Array): void {
    const start = this.#count * this.width;
    const areBytes = row.every((value) => (value & 255) === value);
    if (this.#values instanceof Uint8Array && !areBytes) this.#values = floatsOf(this.#values);
    if (start + this.width > this.#values.length) this.#values = grown(this.#values, start + this.width);
    this.#values.set(row, start);
    this.#count++;
  }

  /** The numbers in a column, by row. */
  column(column: number): Float64Array {
    return Float64Array.from({ length: this.#count }, (_, row) => this.#values[row * this.width + column]!);
  }

  /** The given columns as an array of a shape, whose first extent is the number of rows. The store must not be used again. */
  array(columns: readonly number[], shape: readonly number[]): NdArray {
    const values = this.#values;
    const isWhole = columns.length === this.width && columns.every((column, i) => column === i);
    const size = columns.length;
    // Within a row, columns are ascending: what is moved to the front has already been read.
    if (!isWhole)
      for (let row = 0; row < this.#count; row++)
        for (let i = 0; i < size; i++) values[row * size + i] = values[row * this.width + columns[i]!]!;
    const part = values.subarray(0, this.#count * size);
    const isByte = part instanceof Uint8Array;
    return {
      dtype: { kind: isByte ? "u" : "f", itemSize: part.BYTES_PER_ELEMENT, littleEndian: true },
      shape,
      fortran: false,
      bytes: isByte ? part : littleEndianBytes(part),
    };
  }
}

const floatsOf = (bytes: Uint8Array): Float32Array => {
  const floats = new Float32Array(allocateImages(bytes.length * 4).buffer);
  floats.set(bytes);
  return floats;
};

function grown(values: Uint8Array | Float32Array, least: number): Uint8Array | Float32Array {
  const bytes = allocateImages(Math.max(least, Math.ceil(values.length * 1.5)) * values.BYTES_PER_ELEMENT);
  const larger = values instanceof Uint8Array ? bytes : new Float32Array(bytes.buffer);
  larger.set(values);
  return larger;
}

function littleEndianBytes(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  for (const [i, value] of values.entries()) view.setFloat32(i * 4, value, true);
  return bytes;
}
