import type { Nest } from "../ir/contraction.ts";
import type { Machine } from "../ir/machine.ts";
import type { Axis, Kernel, View } from "../ir/types.ts";
import type { Tensor } from "../ops/graph.ts";
import type { AnalyzedNode } from "./analyze.ts";
import type { Groups } from "./groups.ts";
import { ARENA, PART, STEP, type Tensors } from "./storage.ts";

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
