/**
 * Reads bytes, and the numbers of variable length of which Thrift's compact protocol and Parquet's encodings consist: seven
 * bits a byte, the least significant first. `whose` says what the bytes are, such as "its values", and `broken` makes the
 * error for bytes that end too early.
 */
export class VarintReader {
  readonly #bytes: Uint8Array;
  readonly #whose: string;
  readonly broken: (problem: string) => Error;
  at: number;

  constructor(bytes: Uint8Array, at: number, whose: string, broken: (problem: string) => Error) {
    this.#bytes = bytes;
    this.at = at;
    this.#whose = whose;
    this.broken = broken;
  }

  /** How many bytes are left. */
  get left(): number {
    return this.#bytes.length - this.at;
  }

  byte(): number {
    const byte = this.#bytes[this.at++];
    if (byte === undefined) throw this.broken(`${this.#whose} are cut off`);
    return byte;
  }

  take(length: number): Uint8Array {
    if (length > this.left) throw this.broken(`${this.#whose} are cut off`);
    this.at += length;
    return this.#bytes.subarray(this.at - length, this.at);
  }

  /** An unsigned integer of up to 64 bits; those above 2⁵³ are rounded. */
  varint(): number {
    let [value, scale] = [0, 1];
    for (let byte = 128, bytes = 0; byte & 128; scale *= 128) {
      byte = this.byte();
      if (bytes++ === 10) throw this.broken(`a number of ${this.#whose} is too long`);
      value += (byte & 127) * scale;
    }
    return value;
  }

  /** A signed integer: 0, −1, 1, −2, … are written as 0, 1, 2, 3, …. */
  zigzag(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}
