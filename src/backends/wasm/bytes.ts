/** A growing byte buffer, with the encodings of the WebAssembly binary format. */
export class Bytes {
  #buffer = new Uint8Array(256);
  #length = 0;

  #reserve(count: number): void {
    if (this.#length + count <= this.#buffer.length) return;
    const grown = new Uint8Array(Math.max(2 * this.#buffer.length, this.#length + count));
    grown.set(this.toArray());
    this.#buffer = grown;
  }

  byte(...values: readonly number[]): this {
    this.#reserve(values.length);
    for (const value of values) this.#buffer[this.#length++] = value;
    return this;
  }

  append(bytes: Uint8Array): this {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
    return this;
  }

  /** Unsigned LEB128 of an integer from 0 to 2^32 − 1. */
  unsigned(value: number): this {
    let rest = value >>> 0;
    if (rest !== value) throw new Error(`wasm: ${value} is not an unsigned 32-bit integer`);
    for (; rest >= 0x80; rest >>>= 7) this.byte((rest & 0x7f) | 0x80);
    return this.byte(rest);
  }

  /** Signed LEB128 of a 32-bit integer; numbers from 2^31 on stand for the integer with the same bits. */
  signed(value: number): this {
    let rest = value | 0;
    for (; rest < -0x40 || rest >= 0x40; rest >>= 7) this.byte((rest & 0x7f) | 0x80);
    return this.byte(rest & 0x7f);
  }

  /** Bytes, preceded by their count. */
  sized(bytes: Uint8Array): this {
    return this.unsigned(bytes.length).append(bytes);
  }

  text(value: string): this {
    return this.sized(new TextEncoder().encode(value));
  }

  /** The bytes so far; valid until more are added. */
  toArray(): Uint8Array<ArrayBuffer> {
    return this.#buffer.subarray(0, this.#length);
  }
}
