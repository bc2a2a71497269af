import { concat } from "./concat.ts";
import { InklingError } from "./error.ts";

/** SHA-256 of bytes that come piece by piece. */
export interface Sha256 {
  update(bytes: Uint8Array): void;
  /** In lower-case hex. To be asked for once. */
  digest(): string | Promise<string>;
}

/** The most that WebCrypto takes at once; it cannot be fed piece by piece. */
const MAX_BYTES = 2 ** 31 - 1;

/** By WebCrypto, which is everywhere: it keeps all pieces until the end. Throws `UNSUPPORTED` for 2 GiB or more. */
class WebSha256 implements Sha256 {
  readonly #pieces: Uint8Array[] = [];
  #length = 0;

  update(bytes: Uint8Array): void {
    this.#length += bytes.length;
    if (this.#length > MAX_BYTES)
      throw new InklingError(
        "UNSUPPORTED",
        `sha256: more than ${MAX_BYTES} bytes cannot be hashed here; import inkling/node as well, or take fewer or smaller images`,
      );
    this.#pieces.push(bytes);
  }

  async digest(): Promise<string> {
    const [first] = this.#pieces;
    // WebCrypto refuses memory that is shared between threads.
    const own = this.#pieces.length === 1 && first!.buffer instanceof ArrayBuffer;
    const whole = own ? (first as Uint8Array<ArrayBuffer>) : concat(this.#pieces);
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", whole));
    return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }
}

let create = (): Sha256 => new WebSha256();

/** Hashes by another implementation from now on: Node's own takes any number of bytes, and no copy of them. */
export function provideSha256(implementation: () => Sha256): void {
  create = implementation;
}

/** A hash to be fed. The pieces must not change before its end. */
export const createSha256 = (): Sha256 => create();

/**
 * SHA-256 of the bytes of a typed array, in lower-case hex. Numbers of more than a byte are little-endian.
 * Throws `UNSUPPORTED` for 2 GiB or more without `inkling/node`.
 */
export async function sha256(values: Uint8Array | Uint16Array | Uint32Array): Promise<string> {
  const hash = createSha256();
  hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  return hash.digest();
}
