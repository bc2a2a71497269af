import type { Nest } from "../ir/contraction.ts";
import type { Machine } from "../ir/machine.ts";
import type { Axis, Kernel, View } from "../ir/types.ts";
import type { Node, Tensor } from "../ops/graph.ts";
import type { AnalyzedNode } from "./analyze.ts";
import type { Groups } from "./groups.ts";
import { ARENA, PART, STEP, type Tensors } from "./storage.ts";

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

/** All that the planning of phases needs to know of a program. */
export interface Plan {
  readonly name: string;
  readonly steps: number;
  readonly groups: Groups;
  readonly tensors: Tensors;
  readonly machine: Machine;
  readonly nodes: readonly AnalyzedNode[];
  readonly updates: readonly AnalyzedNode[];
  /** Whether a view's values are the same for all samples: no segment that reads them writes them. */
  readonly isShared: (view: View) => boolean;
  /** Whether a view's values matter within its tile only. */
  readonly isLocal: (view: View) => boolean;
}

/** A kernel to call for each of its parts, in any order, on any thread. */
export interface Work {
  readonly kernel: Kernel;
  readonly parts: number;
  /** The first part: 0. */
  readonly first?: number;
}

/** A nest, and the name of the function that it becomes. */
export interface Named {
  readonly name: string;
  readonly nest: Nest;
}

/** The parameters of every kernel of a program. Bounds are checked in the first arena; the others are like it. */
export const parametersOf = ({ steps }: Plan, parts: number): readonly Axis[] => [
  { name: STEP, extent: steps },
  { name: PART, extent: parts },
  { name: ARENA, extent: 1 },
];

/** The nests of a node over the views that it is to use. */
export const namedNests = (plan: Plan, { node }: AnalyzedNode, view: (t: Tensor) => View): readonly Named[] =>
  node.nests(view, plan.tensors.runtime).map((nest, k) => ({ name: `${plan.name}_${node.name}_${k}`, nest }));

export const wholeNests = (plan: Plan, node: AnalyzedNode): readonly Named[] =>
  namedNests(plan, node, plan.tensors.whole);
