import type { Node, Tensor } from "../ops/graph.ts";

/** What a program does, before it is planned. */
export interface ProgramSpec {
  readonly name: string;
  /** Samples in a step. */
  readonly batch: number;
  /** The most steps in one call. */
  readonly steps: number;
  /** In an order in which each tensor is written before it is read. */
  readonly nodes: readonly Node[];
  /** Nodes that write state in place, at the end of a step. */
  readonly updates: readonly Node[];
  /** Tensors that outlive a step and that programs share: parameters, data. */
  readonly state: readonly Tensor[];
  /** Tensors with a copy for each step of a call: what the host feeds and reads. */
  readonly perStep: readonly Tensor[];
  /** [2], one of `perStep`: the number and the first sample's place of a step, for random ops. By default a step is a batch. */
  readonly place?: Tensor;
  /** Tensors of samples that the host reads after a call of one step. */
  readonly outputs: readonly Tensor[];
}
