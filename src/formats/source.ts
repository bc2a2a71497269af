/** Bytes that are read here and there: a file, or memory. */
export interface Source {
  readonly size: number;
  /** Exactly these bytes. Only ever asked for bytes within `size`. */
  readonly read: (at: number, length: number) => Promise<Uint8Array> | Uint8Array;
}

/** A source in memory. */
export const memorySource = (bytes: Uint8Array): Source => ({
  size: bytes.length,
  read: (at, length) => bytes.subarray(at, at + length),
});

/**
 * Undoes raw deflate (RFC 1951): gives exactly `size` bytes, stops as soon as there are more, throws otherwise. Of what is
 * large, `check` is called with the first bytes, and may throw before the rest is unpacked.
 */
export type InflateRaw = (
  bytes: Uint8Array,
  size: number,
  check?: (start: Uint8Array) => void,
) => Uint8Array | Promise<Uint8Array>;
