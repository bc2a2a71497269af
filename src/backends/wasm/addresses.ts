import type { Layout } from "../../ir/types.ts";
import type { Address, Expression, Pointer } from "../lower/instructions.ts";
import type { Assembler } from "./assembler.ts";
import { op, type } from "./opcodes.ts";

/** Pushes addresses on the stack. Buffers start at constants, so a constant pointer needs no local. */
export class Addresses {
  readonly #code: Assembler;
  readonly #layout: Layout;

  constructor(code: Assembler, layout: Layout) {
    this.#code = code;
    this.#layout = layout;
  }

  /** The start of the buffer of a constant pointer; 0 for others, whose locals include it. */
  #start({ buffer, terms }: Pointer): number {
    if (buffer === undefined || terms.length > 0) return 0;
    const start = this.#layout.offsets.get(buffer);
    if (start === undefined) throw new Error(`wasm: no memory for ${buffer}`);
    return start;
  }

  set(pointer: Pointer): void {
    this.#code.set(`pointer ${pointer.key}`, type.i32);
  }

  #get(pointer: Pointer): void {
    this.#code.get(`pointer ${pointer.key}`, type.i32);
  }

  /** Pushes an address or an index, without its gathered part. */
  number({ pointer, offset }: Address): void {
    if (pointer.terms.length === 0) {
      this.#code.i32(this.#start(pointer) + offset);
      return;
    }
    this.#get(pointer);
    if (offset === 0) return;
    this.#code.i32(offset);
    this.#code.plain(op.i32Add);
  }

  /**
   * Pushes an address for a memory instruction, and returns the immediate offset that the instruction is to add.
   * That addition does not wrap around, so gathered addresses, whose parts may be negative, are fully computed here.
   */
  base(address: Address, element: (index: Expression) => void): number {
    const { pointer, offset, gather } = address;
    if (gather) {
      this.number(address);
      element(gather.index);
      this.#code.i32(gather.stride);
      this.#code.plain(op.i32Mul, op.i32Add);
      return 0;
    }
    if (pointer.terms.length === 0) this.#code.i32(0);
    else this.#get(pointer);
    return this.#start(pointer) + offset;
  }
}
