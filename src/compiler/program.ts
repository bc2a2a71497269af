import type { Machine } from "../ir/machine.ts";
import { buffersOf } from "../ir/traverse.ts";
import type { View } from "../ir/types.ts";
import type { Node, Tensor } from "../ops/graph.ts";
import { type AnalyzedNode, analyze } from "./analyze.ts";
import { type Groups, groupsOf } from "./groups.ts";
import type { Allocation } from "./memory.ts";
import { type Phase, phasesOf } from "./phases.ts";
import { isInArena, type Storage, Tensors } from "./storage.ts";

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

export interface Program {
  readonly name: string;
  readonly groups: Groups;
  /** The most steps in one call. */
  readonly steps: number;
  /** In order, for every step of a call, all threads together. */
  readonly phases: readonly Phase[];
  /** Where the host finds a tensor. */
  readonly view: (t: Tensor) => View;
  readonly allocations: readonly Allocation[];
}

/** Plans one program: its nodes in segments of samples with barriers between, and what lives where. */
export function planProgram(spec: ProgramSpec, machine: Machine): Program {
  const order = [...spec.nodes, ...spec.updates];
  const outside = [...spec.state, ...spec.perStep];
  const named = new Map([...outside, ...order.flatMap((node) => node.writes)].map((t) => [t.name, t]));
  const { nodes, halos, levels } = analyze(order, named);
  const groups = groupsOf(spec.batch);
  const storage = storageOf(spec, nodes, levels);
  const tensors = new Tensors(spec.name, groups, storage, (name) => halos.get(name), spec.place);
  const updates = new Set(spec.updates);
  const local = new Set([...named.values()].filter((t) => storage(t) === "tile").map((t) => tensors.tile(t).name));
  const phases = phasesOf({
    name: spec.name,
    steps: spec.steps,
    groups,
    tensors,
    machine,
    nodes: nodes.filter(({ node }) => !updates.has(node)),
    updates: nodes.filter(({ node }) => updates.has(node)),
    state: new Set(spec.state.map((t) => t.name)),
    isLocal: (view) => local.has(view.name),
  });
  return {
    name: spec.name,
    groups,
    steps: spec.steps,
    phases,
    view: tensors.whole,
    allocations: allocationsOf(spec, phases, new Set(named.values()), storage, tensors),
  };
}

/** Where each tensor must live, from who reads it. */
function storageOf(
  { state, perStep, outputs }: ProgramSpec,
  nodes: readonly AnalyzedNode[],
  levels: ReadonlyMap<string, number>,
): (t: Tensor) => Storage {
  const states = new Set(state.map((t) => t.name));
  const steps = new Set(perStep.map((t) => t.name));
  const partial = new Set(nodes.filter((n) => n.kind === "partial").flatMap((n) => n.node.writes.map((t) => t.name)));
  const kept = new Set(outputs.map((t) => t.name));
  for (const { kind, level, reads } of nodes)
    for (const t of reads) if (kind === "deferred" || levels.get(t.name) !== level) kept.add(t.name);
  return ({ name, of }) => {
    if (states.has(name)) return "state";
    if (steps.has(name)) return "perStep";
    if (of === "batch") return partial.has(name) ? "partial" : "batch";
    return kept.has(name) ? "kept" : "tile";
  };
}

/**
 * How long each buffer matters. Only what is in an arena comes and goes, within a segment; values with a halo
 * stay, because their zeros are written once.
 */
function allocationsOf(
  { perStep, steps }: ProgramSpec,
  phases: readonly Phase[],
  tensors: ReadonlySet<Tensor>,
  storage: (t: Tensor) => Storage,
  views: Tensors,
): readonly Allocation[] {
  const found = new Map<string, Allocation>();
  const fixed = (view: View): Allocation => ({ view, live: "always" });
  const withSteps = (view: View): View => ({ ...view, shape: [steps, ...view.shape], halo: [[0, 0], ...view.halo] });
  for (const t of perStep) found.set(views.whole(t).name, fixed(withSteps(views.whole(t))));
  for (const t of tensors) {
    if (storage(t) === "partial") found.set(views.partial(t).name, fixed(views.partial(t)));
    if (["state", "kept", "batch", "partial"].includes(storage(t)))
      found.set(views.whole(t).name, fixed(views.whole(t)));
  }
  for (const [position, stmt] of phases.flatMap(({ stmts }) => stmts).entries())
    for (const view of buffersOf(stmt)) {
      const known = found.get(view.name);
      if (known?.live === "always") continue;
      const live = { from: known?.live.from ?? position, to: position };
      found.set(view.name, isInArena(view) && !views.hasHalo(view.name) ? { view, live } : fixed(view));
    }
  return [...found.values()];
}
