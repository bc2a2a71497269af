import type { Contraction } from "./contraction.ts";
import type { Tiling } from "./tiling.ts";

/** What the scheduler must know of a processor, and of the compiler behind a back end. */
export interface Machine {
  readonly name: string;
  /** Elements of a vector, the most first: some of 16, 8 and 4. A vector that does not fit is made of narrower ones. */
  readonly widths: readonly number[];
  /** Vector registers that sums and loads can use. */
  readonly registers: number;
  /** Multiply-adds of vectors in a cycle, and loads; and elements of either, where the widest vectors take more than a slot. */
  readonly vectorsPerCycle: number;
  readonly loadsPerCycle: number;
  readonly elementsPerCycle: number;
  readonly instructionsPerCycle: number;
  /** Cycles from one multiply-add to the next of the same sum. */
  readonly latency: number;
  /** A multiply-add may read an operand that is the same in all lanes from memory, without a register for it. */
  readonly foldsBroadcasts: boolean;
  /** The compiler starts all loads of a step before its first multiply-add, so that each needs a register. */
  readonly hoistsLoads: boolean;
  /** Cycles a step for each register too many. */
  readonly spill: number;
  /** Cycles to begin and end a tile, and how many sums can begin and end in the shadow of the next tile. */
  readonly tileOverhead: number;
  readonly hiddenSums: number;
  /** A vector operand of more bytes comes from the second cache, at this rate. */
  readonly nearBytes: number;
  readonly farBytesPerCycle: number;
  /** The tiling of a contraction, where it was measured here. */
  readonly tilingOf?: (c: Contraction) => Tiling | undefined;
}

/** 512-bit vectors in compiled C; on AMD's Zen 4 each takes two slots of 256 bits. */
export const avx512: Machine = {
  name: "avx512",
  widths: [16, 8, 4],
  registers: 32,
  vectorsPerCycle: 2,
  loadsPerCycle: 2,
  elementsPerCycle: 16,
  instructionsPerCycle: 6,
  latency: 4,
  foldsBroadcasts: true,
  hoistsLoads: false,
  spill: 1,
  tileOverhead: 2,
  hiddenSums: 8,
  nearBytes: 16384,
  farBytesPerCycle: 12,
};

/** 256-bit vectors in compiled C. */
export const avx2: Machine = { ...avx512, name: "avx2", widths: [8, 4], registers: 16, foldsBroadcasts: false };

/** 128-bit vectors in compiled C, on processors with 16 registers. */
export const sse: Machine = { ...avx2, name: "sse", widths: [4], elementsPerCycle: 8 };

/** 128-bit vectors in compiled C on 64-bit ARM. */
export const neon: Machine = { ...sse, name: "neon", registers: 32 };

/** 128-bit WebAssembly in V8 on x86-64; V8 keeps the sixteenth register for itself. */
export const wasm128: Machine = {
  ...sse,
  name: "wasm128",
  registers: 15,
  hoistsLoads: true,
  loadsPerCycle: 1.8,
  spill: 2,
  tileOverhead: 8,
  hiddenSums: 16,
  farBytesPerCycle: 16,
};
