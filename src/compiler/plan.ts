import type { Nest } from "../ir/contraction.ts";
import type { Machine } from "../ir/machine.ts";
import type { Axis, Kernel, View } from "../ir/types.ts";
import type { Node, Tensor } from "../ops/graph.ts";
import type { AnalyzedNode } from "./analyze.ts";
import type { Groups } from "./groups.ts";
import { ARENA, PART, STEP, type Tensors } from "./storage.ts";

/** A program before it is planned. */
export interface ProgramSpec {
  readonly name: string;
  /** The number of samples in a step. */
  readonly batch: number;
  /** The largest number of steps in one call. */
  readonly steps: number;
  /** Nodes in an order in which each tensor is written before it is read. */
  readonly nodes: readonly Node[];
  /** Nodes that update state in place at the end of a step. */
  readonly updates: readonly Node[];
  /** Tensors that outlive a step and that programs share: parameters, data. */
  readonly state: readonly Tensor[];
  /** Tensors with a copy for each step of a call, which the host feeds or reads. */
  readonly perStep: readonly Tensor[];
  /** [2], one of `perStep`: for random ops, the number of the step and the index of its first sample. Default: a step is a batch. */
  readonly place?: Tensor;
  /** Tensors of samples that the host reads after a call of one step. */
  readonly outputs: readonly Tensor[];
}

/** Everything that planning phases needs to know about a program. */
export interface Plan {
  readonly name: string;
  readonly steps: number;
  readonly groups: Groups;
  readonly tensors: Tensors;
  readonly machine: Machine;
  readonly nodes: readonly AnalyzedNode[];
  readonly updates: readonly AnalyzedNode[];
  /** Whether a view's values are the same for all samples, so that no segment both writes and reads them. */
  readonly isShared: (view: View) => boolean;
  /** Whether a view's values are used within their tile only. */
  readonly isLocal: (view: View) => boolean;
}

/** A kernel, to be called once for each of its parts, in any order and on any thread. */
export interface Work {
  readonly kernel: Kernel;
  readonly parts: number;
  /** The first part. Default: 0. */
  readonly first?: number;
}

/** A nest, and the name of the function that it becomes. */
export interface Named {
  readonly name: string;
  readonly nest: Nest;
  /** Serial loops around the nest, outermost first. Default: none. */
  readonly around?: readonly Axis[];
}

/** The parameters of every kernel of a program. Bounds are checked for the first arena; the others are identical. */
export const parametersOf = ({ steps }: Plan, parts: number): readonly Axis[] => [
  { name: STEP, extent: steps },
  { name: PART, extent: parts },
  { name: ARENA, extent: 1 },
];

/** The nests of a node over the given views. */
export const namedNests = (plan: Plan, { node }: AnalyzedNode, view: (t: Tensor) => View): readonly Named[] =>
  node.nests(view, plan.tensors.runtime).map((nest, k) => ({ name: `${plan.name}_${node.name}_${k}`, nest }));

/** The nests of a node over whole tensors. */
export const wholeNests = (plan: Plan, node: AnalyzedNode): readonly Named[] =>
  namedNests(plan, node, plan.tensors.whole);
