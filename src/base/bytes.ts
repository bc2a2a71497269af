import { InklingError, kindOf } from "./error.ts";

/** Concatenates byte arrays. */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Throws `INVALID_ARGUMENT` unless what a caller hands over as the contents of `what` is a `Uint8Array`. */
export function checkBytes(bytes: Uint8Array, what: string): void {
  const kind = kindOf(bytes);
  if (kind !== "a Uint8Array")
    throw new InklingError("INVALID_ARGUMENT", `${what}: it is ${kind}, expected its bytes in a Uint8Array`);
}

/** A view of the same bytes. */
export const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Copies the given rows of `from`, each `size` bytes long, to the start of `to`, in the order given. */
export function copyRows(from: Uint8Array, size: number, rows: ArrayLike<number>, to: Uint8Array): void {
  for (let i = 0; i < rows.length; i++) to.set(from.subarray(rows[i]! * size, (rows[i]! + 1) * size), i * size);
}

/** Bytes in base64. */
export function toBase64(bytes: Uint8Array): string {
  let text = "";
  // In pieces, since a call takes some ten thousand arguments at most.
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}
