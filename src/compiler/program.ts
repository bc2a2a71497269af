import type { Machine } from "../ir/machine.ts";
import type { View } from "../ir/types.ts";
import type { Tensor } from "../ops/graph.ts";
import { type AnalyzedNode, analyze, levelsOf, unboundNests } from "./analyze.ts";
import { type Groups, groupsOf } from "./groups.ts";
import { halosOf } from "./halo.ts";
import { allocationsOf } from "./liveness.ts";
import type { Allocation } from "./memory.ts";
import { type Phase, phasesOf } from "./phases.ts";
import type { ProgramSpec } from "./plan.ts";
import { recompute } from "./recompute.ts";
import { type Storage, Tensors } from "./storage.ts";

/** A planned program. */
export interface Program {
  readonly name: string;
  readonly groups: Groups;
  /** The largest number of steps in one call. */
  readonly steps: number;
  /** The phases of a step, in order, each run by all threads together. */
  readonly phases: readonly Phase[];
  /** The view of a tensor for the host. */
  readonly view: (t: Tensor) => View;
  readonly allocations: readonly Allocation[];
}

const byName = (tensors: readonly Tensor[]) => new Map(tensors.map((t) => [t.name, t]));

const externalTensors = ({ state, perStep }: ProgramSpec) => [...state, ...perStep];

/** The nodes of a program in the order of execution, including those that recompute values. */
export function nodesOf(spec: ProgramSpec): readonly AnalyzedNode[] {
  const order = [...spec.nodes, ...spec.updates];
  const tensors = byName([...externalTensors(spec), ...order.flatMap((node) => node.writes)]);
  return recompute(analyze(order, tensors), [...spec.outputs, ...externalTensors(spec)]);
}

/** Plans a program: arranges its nodes in segments with barriers between them, and decides where tensors live. */
export function planProgram(spec: ProgramSpec, machine: Machine): Program {
  const nodes = nodesOf(spec);
  const all = [...byName([...externalTensors(spec), ...nodes.flatMap(({ node }) => node.writes)]).values()];
  const halos = halosOf(nodes.flatMap(({ node }) => unboundNests(node)));
  const groups = groupsOf(spec.batch);
  const storage = storageOf(spec, nodes);
  const tensors = new Tensors(spec.name, groups, storage, (name) => halos.get(name), spec.place);
  const updates = new Set(spec.updates);
  const viewsWhere = (wanted: (t: Tensor) => boolean) => new Set(all.filter(wanted).map((t) => tensors.whole(t).name));
  const local = viewsWhere((t) => storage(t) === "tile");
  const shared = viewsWhere((t) => t.of === "batch");
  const phases = phasesOf({
    name: spec.name,
    steps: spec.steps,
    groups,
    tensors,
    machine,
    nodes: nodes.filter(({ node }) => !updates.has(node)),
    updates: nodes.filter(({ node }) => updates.has(node)),
    isShared: (view) => shared.has(view.name),
    isLocal: (view) => local.has(view.name),
  });
  return {
    name: spec.name,
    groups,
    steps: spec.steps,
    phases,
    view: tensors.whole,
    allocations: allocationsOf(spec, phases, all, storage, tensors),
  };
}

/** Where each tensor must live, depending on the nodes that read it. */
function storageOf({ state, perStep, outputs }: ProgramSpec, nodes: readonly AnalyzedNode[]): (t: Tensor) => Storage {
  const states = new Set(state.map((t) => t.name));
  const steps = new Set(perStep.map((t) => t.name));
  const partial = new Set(nodes.filter((n) => n.kind === "partial").flatMap((n) => n.node.writes.map((t) => t.name)));
  const kept = new Set(outputs.map((t) => t.name));
  const levels = levelsOf(nodes);
  for (const { kind, level, reads } of nodes)
    for (const t of reads) if (kind === "deferred" || levels.get(t.name) !== level) kept.add(t.name);
  return ({ name, of }) => {
    if (states.has(name)) return "state";
    if (steps.has(name)) return "perStep";
    if (of === "batch") return partial.has(name) ? "partial" : "batch";
    return kept.has(name) ? "kept" : "tile";
  };
}
