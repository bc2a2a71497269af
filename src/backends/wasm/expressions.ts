import type { BinaryFn } from "../../ir/types.ts";
import type { Expression } from "../lower/instructions.ts";
import type { Addresses } from "./addresses.ts";
import type { Assembler, Features } from "./assembler.ts";
import { renderGather, renderLoad } from "./loads.ts";
import { compareOps, floatOps, integerOps, simd, type, unaryOps } from "./opcodes.ts";

type Of<K extends Expression["kind"]> = Extract<Expression, { kind: K }>;

const LANES = [0, 1, 2, 3] as const;
/** The byte indices with which `shuffle` picks the high words of two pairs of 64-bit numbers. */
const HIGH_WORDS = [4, 12, 20, 28].flatMap((first) => [first, first + 1, first + 2, first + 3]);

const splat = (word: number) => new Uint32Array(4).fill(word);
const floatBits = (x: number) => new Uint32Array(new Float32Array([x]).buffer)[0]!;

/**
 * Pushes expressions on the stack as v128 values of four 32-bit elements. A single element is held in all four
 * of them, so that a broadcast is free, and a scalar multiply-add gives the same bits as a vector one.
 */
export class Expressions {
  readonly #code: Assembler;
  readonly #addresses: Addresses;
  readonly #features: Features;

  constructor(code: Assembler, addresses: Addresses, features: Features) {
    this.#code = code;
    this.#addresses = addresses;
    this.#features = features;
  }

  render(e: Expression): void {
    const code = this.#code;
    if (e.width !== 1 && e.width !== 4) throw new Error(`wasm: a vector has ${e.width} elements, expected 1 or 4`);
    switch (e.kind) {
      case "const":
        code.constant(splat(e.type === "f32" ? floatBits(e.value) : e.value));
        return;
      case "register":
        code.get(e.register, type.v128);
        return;
      case "broadcast":
        this.render(e.x);
        return;
      case "load":
        renderLoad(code, this.#addresses, e, this.element);
        return;
      case "gather":
        this.render(e.index);
        renderGather(code, this.#addresses, e);
        return;
      case "index":
        this.#index(e);
        return;
      case "fma":
        this.#multiplyAdd(e);
        return;
      case "unary":
        this.render(e.x);
        if (unaryOps[e.fn] !== undefined) code.simd(unaryOps[e.fn]!);
        return;
      case "binary":
        this.#binary(e);
        return;
      case "compare":
        this.render(e.a);
        this.render(e.b);
        code.simd(e.a.type === "u32" ? simd.equalInt : compareOps[e.fn]);
        return;
      case "select":
        this.render(e.onTrue);
        this.render(e.onFalse);
        this.render(e.cond);
        code.simd(simd.bitselect);
    }
  }

  /** Pushes a single element as an i32. */
  element = (e: Expression): void => {
    this.render(e);
    this.#code.simd(simd.extractLane, 0);
  };

  #index({ at, laneStride, width }: Of<"index">): void {
    const code = this.#code;
    this.#addresses.number(at);
    code.simd(simd.splat);
    if (width === 1 || laneStride === 0) return;
    code.constant(Uint32Array.from(LANES, (lane) => lane * laneStride));
    code.simd(integerOps.addInt);
  }

  #multiplyAdd({ a, b, c }: Of<"fma">): void {
    this.render(a);
    this.render(b);
    if (!this.#features.fma) this.#code.simd(floatOps.mul);
    this.render(c);
    this.#code.simd(this.#features.fma ? simd.relaxedMultiplyAdd : floatOps.add);
  }

  #binary({ fn, a, b }: Of<"binary">): void {
    const [first, second] = isExchanged(fn) ? [b, a] : [a, b];
    this.render(first);
    // All lanes are shifted by the same amount: the verifier ensures that it is constant.
    if (fn === "shiftLeft" || fn === "shiftRight") this.element(second);
    else this.render(second);
    if (fn === "mulHigh") this.#multiplyHigh();
    else this.#code.simd({ ...floatOps, ...integerOps }[fn]);
  }

  /** The high words of the products of the two operands on the stack. */
  #multiplyHigh(): void {
    const code = this.#code;
    code.set("factor b", type.v128);
    code.set("factor a", type.v128);
    for (const half of [simd.multiplyLow, simd.multiplyHigh]) {
      code.get("factor a", type.v128);
      code.get("factor b", type.v128);
      code.simd(half);
    }
    code.simd(simd.shuffle, ...HIGH_WORDS);
  }
}

/** pmax(b, a) is a > b ? a : b. */
const isExchanged = (fn: BinaryFn): boolean => fn === "max" || fn === "min";
