import { InklingError } from "./error.ts";

/** The bytes of all parts, one after another. */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Copies some rows of an array, `size` elements each, one after another to the front of another array. */
export function copyRows(from: Uint8Array, size: number, rows: ArrayLike<number>, to: Uint8Array): void {
  for (let i = 0; i < rows.length; i++) to.set(from.subarray(rows[i]! * size, (rows[i]! + 1) * size), i * size);
}

/** Memory for so many bytes. Throws `UNSUPPORTED` where there is not so much: for `what`, with `advice` what to do. */
export function allocate(length: number, what: string, advice: string): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(length);
  } catch (cause) {
    throw new InklingError("UNSUPPORTED", `${what}: ${length} bytes are more than an array can hold here; ${advice}`, {
      cause,
    });
  }
}
