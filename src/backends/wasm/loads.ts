import type { ElementType } from "../../ir/types.ts";
import type { Expression } from "../lower/instructions.ts";
import type { Addresses } from "./addresses.ts";
import type { Assembler } from "./assembler.ts";
import { op, simd, type } from "./opcodes.ts";

type Load = Extract<Expression, { kind: "load" }>;
type Gather = Extract<Expression, { kind: "gather" }>;

/** Loads four adjacent elements, or one element into all four lanes. `element` pushes a single element on the stack. */
export function renderLoad(
  code: Assembler,
  addresses: Addresses,
  { address, element: stored, width }: Load,
  element: (index: Expression) => void,
): void {
  const offset = addresses.base(address, element);
  if (width === 1 && stored === "u8") {
    code.load8(offset);
    code.simd(simd.splat);
  } else if (width === 1) code.memory(simd.load32Splat, offset);
  else if (stored === "u8") {
    code.memory(simd.load32Zero, offset);
    code.simd(simd.widen8);
    code.simd(simd.widen16);
  } else code.memory(simd.load, offset);
}

/** Loads each lane from its own address; the vector of indices is on the stack. */
export function renderGather(code: Assembler, addresses: Addresses, e: Gather): void {
  const { address, element, stride, laneStride } = e;
  code.set("gathered", type.v128);
  code.constant(new Uint32Array(4));
  for (let lane = 0; lane < 4; lane++) {
    code.set("lanes", type.v128);
    addresses.number({ ...address, offset: address.offset + lane * laneStride });
    code.get("gathered", type.v128);
    code.simd(simd.extractLane, lane);
    code.i32(stride);
    code.plain(op.i32Mul, op.i32Add);
    replaceLane(code, element, lane);
  }
}

/** Loads one lane from the address on the stack; the other lanes are unchanged. */
function replaceLane(code: Assembler, element: ElementType, lane: number): void {
  if (element !== "u8") {
    code.get("lanes", type.v128);
    code.memory(simd.load32Lane, 0, lane);
    return;
  }
  code.load8(0);
  code.set("byte", type.i32);
  code.get("lanes", type.v128);
  code.get("byte", type.i32);
  code.simd(simd.replaceLane, lane);
}
