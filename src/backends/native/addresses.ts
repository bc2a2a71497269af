import type { Layout } from "../../ir/types.ts";
import { type Address, biasOf, type Expression, type Pointer, parent } from "../lower/instructions.ts";

/** Renders addresses as C expressions: pointers to bytes, or plain numbers without a buffer. */
export class Addresses {
  readonly #layout: Layout;
  readonly #names = new Map<string, string>();

  constructor(layout: Layout) {
    this.#layout = layout;
  }

  /** The variable that holds a pointer that is not constant. */
  name({ key }: Pointer): string {
    const name = this.#names.get(key) ?? `p${this.#names.size}`;
    this.#names.set(key, name);
    return name;
  }

  /** The C type of a pointer's variable. */
  readonly type = ({ buffer }: Pointer): string => (buffer === undefined ? "i32 " : "u8 *");

  /** The start of a pointer before its loop: its parent, or the far end for a negative stride. */
  start = (pointer: Pointer): string =>
    this.number({ pointer: parent(pointer), offset: biasOf(pointer.terms.at(-1)!) });

  #base({ buffer }: Pointer): number {
    if (buffer === undefined) return 0;
    const start = this.#layout.offsets.get(buffer);
    if (start === undefined) throw new Error(`native: no memory for ${buffer}`);
    return start;
  }

  /** An address or an index, without its gathered part. */
  number({ pointer, offset }: Address): string {
    const moves = pointer.terms.length > 0;
    const distance = moves ? offset : this.#base(pointer) + offset;
    const from = moves ? this.name(pointer) : pointer.buffer === undefined ? "" : "m";
    if (from === "") return `${distance}`;
    if (distance === 0) return from;
    return distance < 0 ? `${from} - ${-distance}` : `${from} + ${distance}`;
  }

  /** An address; `element` renders the gathered index. Gathered addresses are computed modulo 2^32, since memory has up to 4 GiB. */
  of(address: Address, element: (index: Expression) => string): string {
    const { gather } = address;
    return gather ? this.gathered(address, element(gather.index), gather.stride) : this.number(address);
  }

  /** The address plus `stride` times an index. */
  gathered = (address: Address, index: string, stride: number): string =>
    `m + (u32)((u32)(${this.number(address)} - m) + (u32)(${index}) * ${stride >>> 0}u)`;
}
