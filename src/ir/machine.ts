import type { Contraction } from "./contraction.ts";

/**
 * How a contraction is cut into tiles whose sums live in registers.
 *
 * A tiling determines how outputs are grouped, never the order in which an output is summed, so all
 * tilings give the same bits.
 */
export interface Tiling {
  /** The axis along which vectors lie, and the number of elements in a vector. */
  readonly vector: string;
  readonly width: number;
  /** The tile's extent along each output axis. */
  readonly tile: Readonly<Record<string, number>>;
  /** The unroll factor of the innermost reduction. */
  readonly unroll: number;
}

/**
 * What the scheduler needs to know about a processor, and about the compiler behind a back end.
 *
 * Throughputs and latencies are those of the processor; overheads are estimates. `inkling train --tune` times the most
 * promising tilings, which shows where these numbers are off.
 */
export interface Machine {
  readonly name: string;
  /** The numbers of elements in a vector, in decreasing order: a subset of 16, 8 and 4. The rest of an axis uses narrower vectors. */
  readonly widths: readonly number[];
  /** The vector registers available for sums and loads, and how many of them a tile leaves for its operands. */
  readonly registers: number;
  readonly operandRegisters: number;
  /** Vector multiply-adds per cycle, loads per cycle, and a limit on the elements of either, where the widest vectors take several slots. */
  readonly vectorsPerCycle: number;
  readonly loadsPerCycle: number;
  readonly elementsPerCycle: number;
  readonly instructionsPerCycle: number;
  /** Cycles from one multiply-add to the next of the same sum. */
  readonly latency: number;
  /** Whether a multiply-add can broadcast an operand straight from memory, without a register for it. */
  readonly foldsBroadcasts: boolean;
  /** Whether the compiler moves all loads of a step before its first multiply-add, so that each needs a register. */
  readonly hoistsLoads: boolean;
  /** Extra cycles per step for each vector that does not fit in the registers. */
  readonly spill: number;
  /** Loop-control instructions per iteration, and the largest unroll factor, which amortizes them. */
  readonly loopInstructions: number;
  readonly maxUnroll: number;
  /** Cycles to begin and end a tile, and per iteration of the loops around its innermost one. */
  readonly tileOverhead: number;
  readonly iterationOverhead: number;
  /** Cycles to initialize and store each sum beyond `hiddenSums`, up to which that overlaps with the next tile. */
  readonly sumOverhead: number;
  readonly hiddenSums: number;
  /** A vector operand of more than `nearBytes` bytes comes from the L2 cache, at `farBytesPerCycle`. */
  readonly nearBytes: number;
  readonly farBytesPerCycle: number;
  /** Addresses `setBytes` apart share a set of the L1 cache, which has room for `setVectors` of a tile's vectors. */
  readonly setBytes: number;
  readonly setVectors: number;
  /** The tiling of a contraction, if it was measured on this machine. */
  readonly tilingOf?: (c: Contraction) => Tiling | undefined;
}

/** 512-bit vectors in compiled C, on processors that have two units of that width: AMD's Zen 5, Intel's servers. */
export const avx512: Machine = {
  name: "avx512",
  widths: [16, 8, 4],
  registers: 32,
  operandRegisters: 2,
  vectorsPerCycle: 2,
  loadsPerCycle: 2,
  elementsPerCycle: 32,
  instructionsPerCycle: 6,
  latency: 4,
  foldsBroadcasts: true,
  hoistsLoads: false,
  spill: 1,
  loopInstructions: 3, // the pointer, the counter, the branch
  maxUnroll: 8,
  tileOverhead: 2,
  iterationOverhead: 2,
  sumOverhead: 2, // a load or a zero, and a store
  hiddenSums: 8,
  nearBytes: 16384, // half of the smallest L1 cache, since other operands need the rest
  farBytesPerCycle: 12,
  setBytes: 4096, // an L1 cache has 64 sets of 64-byte lines
  setVectors: 4, // half of its 8 ways
};

/** 256-bit vectors in compiled C. */
export const avx2: Machine = {
  ...avx512,
  name: "avx2",
  widths: [8, 4],
  registers: 16,
  elementsPerCycle: 16,
  foldsBroadcasts: false,
};

/** 128-bit vectors in compiled C, on processors with 16 registers. */
export const sse: Machine = { ...avx2, name: "sse", widths: [4], elementsPerCycle: 8 };

/** 128-bit vectors in compiled C on 64-bit ARM. */
export const neon: Machine = { ...sse, name: "neon", registers: 32 };

/**
 * 128-bit WebAssembly in V8 on x86-64; V8 reserves the sixteenth register. With 1.8 loads per cycle, the cost model
 * chooses tiles of two vectors by four pixels, which take 9 % less time than one vector by seven pixels, its choice at 2.
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

/** Scalar code for any processor, with little unrolling to keep it small. */
export const scalarMachine: Machine = { ...sse, name: "scalar", widths: [], elementsPerCycle: 2, maxUnroll: 2 };
