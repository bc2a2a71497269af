import type { Contraction } from "./contraction.ts";

/**
 * How a contraction is cut into tiles whose sums live in registers.
 *
 * A tiling says how outputs are grouped, never in which order an output is summed, so that all tilings
 * give the same bits.
 */
export interface Tiling {
  /** The axis that runs across a vector, and how many of its elements a vector holds. */
  readonly vector: string;
  readonly width: number;
  /** Elements of each output axis in one tile. */
  readonly tile: Readonly<Record<string, number>>;
  /** Steps of the innermost reduction in one turn of its loop. */
  readonly unroll: number;
}

/**
 * What the scheduler must know of a processor, and of the compiler behind a back end.
 *
 * Throughputs and latencies are the processor's, overheads are estimates. `inkling train --tune` times the likeliest
 * tilings, and so shows where these numbers are off.
 */
export interface Machine {
  readonly name: string;
  /** Elements of a vector, the most first: some of 16, 8 and 4. A vector that does not fit is made of narrower ones. */
  readonly widths: readonly number[];
  /** Vector registers that sums and loads can use, and those that a tile leaves to its operands at least. */
  readonly registers: number;
  readonly operandRegisters: number;
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
  /** Cycles of a step for each vector that does not fit in the registers. */
  readonly spill: number;
  /** Instructions of a loop's turn beside its body, and the most steps that share them in one turn. */
  readonly loopInstructions: number;
  readonly maxUnroll: number;
  /** Cycles to begin and end a tile, and for each turn of the loops around its innermost. */
  readonly tileOverhead: number;
  readonly turnOverhead: number;
  /** Cycles to begin and store a sum, beyond the number of sums for which that overlaps with the next tile. */
  readonly sumOverhead: number;
  readonly hiddenSums: number;
  /** A vector operand of more bytes comes from the second cache, at this rate. */
  readonly nearBytes: number;
  readonly farBytesPerCycle: number;
  /** Addresses this many bytes apart share a set of the first cache, and this many of a tile's vectors fit into one. */
  readonly setBytes: number;
  readonly setVectors: number;
  /** The tiling of a contraction, where it was measured here. */
  readonly tilingOf?: (c: Contraction) => Tiling | undefined;
}

/** 512-bit vectors in compiled C; on AMD's Zen 4 each takes two slots of 256 bits. */
export const avx512: Machine = {
  name: "avx512",
  widths: [16, 8, 4],
  registers: 32,
  operandRegisters: 2,
  vectorsPerCycle: 2,
  loadsPerCycle: 2,
  elementsPerCycle: 16,
  instructionsPerCycle: 6,
  latency: 4,
  foldsBroadcasts: true,
  hoistsLoads: false,
  spill: 1,
  loopInstructions: 3, // the pointer, the counter, the branch
  maxUnroll: 8,
  tileOverhead: 2,
  turnOverhead: 2,
  sumOverhead: 2, // a load or a zero, and a store
  hiddenSums: 8,
  nearBytes: 16384, // half of the smallest first cache, since other operands need the rest
  farBytesPerCycle: 12,
  setBytes: 4096, // a first cache has 64 sets of 64 bytes
  setVectors: 4, // half of its 8 ways
};

/** 256-bit vectors in compiled C. */
export const avx2: Machine = { ...avx512, name: "avx2", widths: [8, 4], registers: 16, foldsBroadcasts: false };

/** 128-bit vectors in compiled C, on processors with 16 registers. */
export const sse: Machine = { ...avx2, name: "sse", widths: [4], elementsPerCycle: 8 };

/** 128-bit vectors in compiled C on 64-bit ARM. */
export const neon: Machine = { ...sse, name: "neon", registers: 32 };

/**
 * 128-bit WebAssembly in V8 on x86-64; V8 keeps the sixteenth register for itself. With 1.8 loads a cycle the estimate
 * chooses tiles of two vectors and four pixels, which take 9 % less time than the one vector and seven pixels that 2 give.
 */
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
