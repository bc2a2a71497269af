import type { Layout } from "../../ir/types.ts";
import { type Address, biasOf, type Expression, type Pointer, parent } from "../lower/instructions.ts";

/** Addresses as C expressions: pointers to bytes, and plain numbers where there is no buffer. */
export class Addresses {
  readonly #layout: Layout;
  readonly #names = new Map<string, string>();

  constructor(layout: Layout) {
    this.#layout = layout;
  }

  /** The variable that holds a pointer which moves. */
  name({ key }: Pointer): string {
    const name = this.#names.get(key) ?? `p${this.#names.size}`;
    this.#names.set(key, name);
    return name;
  }

  /** The C type of a pointer's variable. */
  readonly type = ({ buffer }: Pointer): string => (buffer === undefined ? "i32 " : "u8 *");

  /** The pointer before its loop: its parent, or its far end where it moves backwards. */
  start = (pointer: Pointer): string =>
    this.number({ pointer: parent(pointer), offset: biasOf(pointer.terms.at(-1)!) });

  #base({ buffer }: Pointer): number {
    if (buffer === undefined) return 0;
    const start = this.#layout.offsets.get(buffer);
    if (start === undefined) throw new Error(`native: no memory for ${buffer}`);
    return start;
  }

  /** An address, or an index, without what is gathered. */
  number({ pointer, offset }: Address): string {
    const moves = pointer.terms.length > 0;
    const distance = moves ? offset : this.#base(pointer) + offset;
    const from = moves ? this.name(pointer) : pointer.buffer === undefined ? "" : "m";
    if (from === "") return `${distance}`;
    if (distance === 0) return from;
    return distance < 0 ? `${from} - ${-distance}` : `${from} + ${distance}`;
  }

  /** An address; `element` renders the number that is gathered. What is gathered adds up modulo 2^32, as memory has 4 GiB. */
  of(address: Address, element: (index: Expression) => string): string {
    const { gather } = address;
    return gather ? this.gathered(address, element(gather.index), gather.stride) : this.number(address);
  }

  /** The address moved by `stride` times an index. */
  gathered = (address: Address, index: string, stride: number): string =>
    `m + (u32)((u32)(${this.number(address)} - m) + (u32)(${index}) * ${stride >>> 0}u)`;
}
