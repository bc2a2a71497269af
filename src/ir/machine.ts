/** What the scheduler must know of a processor, and of the compiler behind a back end. */
export interface Machine {
  /** Elements of a vector: 1, 4, 8 or 16. */
  readonly width: number;
  /** Vector registers that sums and loads can use. */
  readonly registers: number;
  readonly multiplyAddsPerCycle: number;
  readonly loadsPerCycle: number;
  readonly instructionsPerCycle: number;
  /** Cycles from one multiply-add to the next of the same sum. */
  readonly latency: number;
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
}

/** 128-bit WebAssembly in V8 on x86-64; V8 keeps the sixteenth register for itself. */
export const wasm128: Machine = {
  width: 4,
  registers: 15,
  multiplyAddsPerCycle: 2,
  loadsPerCycle: 2,
  instructionsPerCycle: 6,
  latency: 4,
  hoistsLoads: true,
  spill: 2,
  tileOverhead: 8,
  hiddenSums: 16,
  nearBytes: 16384,
  farBytesPerCycle: 16,
};
