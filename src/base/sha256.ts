import { sha256 as portable } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";

/** SHA-256 of bytes that come piece by piece. */
export interface Sha256 {
  update(bytes: Uint8Array): void;
  /** In lower-case hex. To be called once, after the last piece. */
  digest(): string;
}

/** In JavaScript, the same everywhere: WebCrypto would have to be given all bytes at once. */
function portableSha256(): Sha256 {
  const hash = portable.create();
  return { update: (bytes) => void hash.update(bytes), digest: () => bytesToHex(hash.digest()) };
}

let create = portableSha256;

/** Hashes with another implementation from now on: Node's own is several times as fast. */
export function provideSha256(implementation: () => Sha256): void {
  create = implementation;
}

/** A hash to be fed. */
export const createSha256 = (): Sha256 => create();

/** SHA-256 of the bytes of a typed array, in lower-case hex. Numbers of more than a byte are little-endian. */
export async function sha256(values: Uint8Array | Uint16Array | Uint32Array): Promise<string> {
  const hash = createSha256();
  hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  return hash.digest();
}
