import { viewOf } from "../../base/bytes.ts";

/** The longest name on a line, in bytes. */
export const MAX_NAME = 200;

/** Reads opcodes and their arguments. */
export class PickleReader {
  readonly #file: Uint8Array;
  readonly #view: DataView;
  readonly #broken: (problem: string) => Error;
  #at = 0;

  /** `broken` makes the error for contents that violate the format. */
  constructor(file: Uint8Array, broken: (problem: string) => Error) {
    this.#file = file;
    this.#view = viewOf(file);
    this.#broken = broken;
  }

  bytes(length: number): Uint8Array {
    if (length > this.#file.length - this.#at) throw this.#broken(`${length} bytes at ${this.#at} end behind it`);
    this.#at += length;
    return this.#file.subarray(this.#at - length, this.#at);
  }
  uint(size: 1 | 2 | 4 | 8): number {
    const at = this.#at;
    this.bytes(size);
    if (size === 8) return Number(this.#view.getBigUint64(at, true));
    return size === 1 ? this.#file[at]! : size === 2 ? this.#view.getUint16(at, true) : this.#view.getUint32(at, true);
  }
  float(): number {
    this.bytes(8);
    return this.#view.getFloat64(this.#at - 8);
  }
  /** A little-endian two's complement integer of up to 8 bytes. */
  long(length: number): number {
    if (length > 8) throw this.#broken(`a number of ${length} bytes`);
    let value = 0n;
    for (const [i, byte] of this.bytes(length).entries()) value |= BigInt(byte) << BigInt(8 * i);
    return Number(BigInt.asIntN(8 * length, value));
  }
  line(): string {
    const end = this.#file.indexOf(10, this.#at);
    if (end < 0 || end - this.#at > MAX_NAME) throw this.#broken("a name has no end");
    return String.fromCharCode(...this.bytes(end + 1 - this.#at).subarray(0, -1));
  }
}
