import { sha256 as portable } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";

/** An incremental SHA-256 hash. */
export interface Sha256 {
  update(bytes: Uint8Array): void;
  /** The digest in lowercase hex. Call it once, after the last `update`. */
  digest(): string;
}

/** Plain JavaScript, because WebCrypto cannot hash incrementally. */
function portableSha256(): Sha256 {
  const hash = portable.create();
  return { update: (bytes) => void hash.update(bytes), digest: () => bytesToHex(hash.digest()) };
}

let create = portableSha256;

/** Replaces the implementation, e.g. with Node's, which is several times as fast. */
export function provideSha256(implementation: () => Sha256): void {
  create = implementation;
}

/** A new, empty hash. */
export const createSha256 = (): Sha256 => create();

/** SHA-256 of a typed array's bytes, in lowercase hex. Multi-byte elements are hashed in little-endian order. */
export async function sha256(values: Uint8Array | Uint16Array | Uint32Array): Promise<string> {
  const hash = createSha256();
  hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  return hash.digest();
}
