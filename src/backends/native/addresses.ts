import type { Layout } from "../../ir/types.ts";
import { type Address, biasOf, type Expression, type Pointer, parent } from "../lower/instructions.ts";
import { type Dialect, floatLiteral, type Of, range, typeName } from "./expressions.ts";

/** Renders addresses as C expressions: pointers to bytes, or plain numbers without a buffer. */
export class Addresses implements Dialect {
  readonly unsigned = "u32";
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
    return gather ? this.#gathered(address, element(gather.index), gather.stride) : this.number(address);
  }

  readonly literal = floatLiteral;

  load({ address, element, type, width }: Of<"load">, render: (e: Expression) => string): string {
    const at = this.of(address, render);
    return element === "u8" ? `widen${width}(${at})` : `*(const ${typeName({ type, width })} *)(${at})`;
  }

  /** The index is a variable: lowering has computed it beforehand. */
  gather(e: Of<"gather">, render: (e: Expression) => string): string {
    const { address, element, type, width, index, stride, laneStride } = e;
    const indices = render(index);
    const scalar = element === "u8" ? "u8" : typeName({ type, width: 1 });
    const lanes = range(width).map((lane) => {
      const from = { ...address, offset: address.offset + lane * laneStride };
      return `*(const ${scalar} *)(${this.#gathered(from, width === 1 ? indices : `(${indices})[${lane}]`, stride)})`;
    });
    return `(${typeName({ type, width })}){${lanes.join(", ")}}`;
  }

  /** The address plus `stride` times an index. */
  readonly #gathered = (address: Address, index: string, stride: number): string =>
    `m + (u32)((u32)(${this.number(address)} - m) + (u32)(${index}) * ${stride >>> 0}u)`;
}
