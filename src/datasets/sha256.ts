import { InklingError } from "../tensor/error.ts";

/** The most that WebCrypto takes at once; it cannot be fed piece by piece. */
const MAX_BYTES = 2 ** 31 - 1;

/**
 * SHA-256 of the bytes of a typed array, in lower-case hex. Numbers of more than a byte are little-endian.
 * Throws `UNSUPPORTED` for 2 GiB or more.
 */
export async function sha256(values: Uint8Array | Uint16Array | Uint32Array): Promise<string> {
  if (values.byteLength > MAX_BYTES)
    throw new InklingError(
      "UNSUPPORTED",
      `sha256: ${values.byteLength} bytes are more than the ${MAX_BYTES} that can be hashed at once; take fewer or smaller images`,
    );
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  // WebCrypto refuses memory that is shared between threads.
  const own = bytes.buffer instanceof ArrayBuffer ? (bytes as Uint8Array<ArrayBuffer>) : bytes.slice();
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", own));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
