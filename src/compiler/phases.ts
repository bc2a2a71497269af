import { add, block, call, elementwise, fill, load, loop } from "../ir/build.ts";
import type { Nest } from "../ir/contraction.ts";
import type { Machine } from "../ir/machine.ts";
import type { Kernel, Stmt, Value, View } from "../ir/types.ts";
import { at } from "../ir/view.ts";
import type { Tensor } from "../ops/graph.ts";
import type { AnalyzedNode } from "./analyze.ts";
import { fuseNests } from "./fuseNests.ts";
import type { Groups } from "./groups.ts";
import { type Packing, packOperand } from "./pack.ts";
import { schedule } from "./schedule/schedule.ts";
import { runsOf } from "./segment.ts";
import { GROUP, STEP, type Tensors, TILE } from "./storage.ts";

/** A function to call once a step (at a barrier, `groups` is 1), or once for each group (a segment). */
export interface Phase {
  readonly kernel: Kernel;
  readonly groups: number;
}

/** A statement at its place in the order of execution, and the scratch space that it uses. */
interface Positioned {
  readonly position: number;
  readonly stmt: Stmt;
  readonly scratch: ReadonlySet<string>;
}

/** A phase, and its statements one by one for the planning of memory. */
export interface Part {
  readonly phase: Phase;
  readonly stmts: readonly Positioned[];
}

interface Plan {
  readonly name: string;
  readonly steps: number;
  readonly groups: Groups;
  readonly tensors: Tensors;
  readonly machine: Machine;
  readonly nodes: readonly AnalyzedNode[];
  readonly updates: readonly AnalyzedNode[];
  /** Names of tensors that no segment writes, and so may be packed at the barrier before it. */
  readonly state: ReadonlySet<string>;
  /** Whether a view's values matter within its tile only. */
  readonly isLocal: (view: View) => boolean;
}

/** A program's nodes as phases: before each segment the barrier that it waits for, at the end the last barrier. */
export function phasesOf(plan: Plan): readonly Part[] {
  const last = Math.max(0, ...plan.nodes.map((n) => (n.kind === "partial" ? n.level + 1 : n.level)));
  const parts: Part[] = [];
  let position = 0;
  const add = (part: Part) => {
    if (part.stmts.length > 0) parts.push(part);
    position += part.stmts.length;
  };
  for (let level = 0; level <= last; level++) {
    const segment = segmentNests(plan, level);
    const updates = level === last ? plan.updates : [];
    add(
      barrier(
        plan,
        level,
        [...barrierNests(plan, level), ...updates.flatMap((n) => wholeNests(plan, n)), ...segment.packings],
        position,
      ),
    );
    add(samples(plan, level, segment, position));
  }
  return parts;
}

interface Named {
  readonly name: string;
  readonly nest: Nest;
  readonly scratch: ReadonlySet<string>;
}

const stepAxis = ({ steps }: Plan) => ({ name: STEP, extent: steps });

const namedNests = (plan: Plan, { node }: AnalyzedNode, view: (t: Tensor) => View): readonly Named[] => {
  const scratch = new Set(node.scratch.map((t) => view(t).name));
  return node
    .nests(view, plan.tensors.runtime)
    .map((nest, k) => ({ name: `${plan.name}_${node.name}_${k}`, nest, scratch }));
};
const wholeNests = (plan: Plan, node: AnalyzedNode) => namedNests(plan, node, plan.tensors.whole);

/** What runs at a barrier: nodes of the batch, sums over all samples, and the join of the groups' sums. */
const barrierNests = (plan: Plan, level: number): readonly Named[] =>
  plan.nodes.flatMap((n) => {
    if ((n.kind === "batch" || n.kind === "deferred") && n.level === level) return wholeNests(plan, n);
    if (n.kind === "partial" && n.level + 1 === level) return n.node.writes.map((t) => join(plan, t));
    return [];
  });

/** The sum of the groups' sums, pairwise: group p with group p + ⌈n/2⌉, and so on. */
function join({ name, tensors }: Plan, t: Tensor): Named {
  const partial = tensors.partial(t);
  const tree = (sums: readonly Value[]): Value => {
    const half = Math.ceil(sums.length / 2);
    if (sums.length === 1) return sums[0]!;
    return tree(sums.slice(0, half).map((sum, p) => (p + half < sums.length ? add(sum, sums[p + half]!) : sum)));
  };
  const groups = Array.from({ length: partial.shape[0]! }, (_, g) => g);
  const nest = elementwise(tensors.whole(t), (i) => tree(groups.map((g) => load(at(partial, g, ...i)))));
  return { name: `${name}_${t.name}_join`, nest, scratch: new Set() };
}

function barrier(plan: Plan, level: number, nests: readonly Named[], from: number): Part {
  const stmts = nests.map(({ name, nest, scratch }, k) => ({
    position: from + k,
    stmt: call(name, schedule(nest, plan.machine)),
    scratch,
  }));
  const body = block(...stmts.map((s) => s.stmt));
  return {
    phase: { kernel: { name: `${plan.name}_barrier${level}`, axes: [stepAxis(plan)], body }, groups: 1 },
    stmts,
  };
}

interface Segment {
  readonly nests: readonly Named[];
  readonly clear: readonly Named[];
  readonly packings: readonly Named[];
}

/** The nests of a segment over the views of a tile, with the operands that are packed before it. */
function segmentNests(plan: Plan, level: number): Segment {
  const packings = new Map<string, Packing>();
  const clear: Named[] = [];
  const mayPack = (view: View) => plan.state.has(view.name);
  const nests = plan.nodes.flatMap((n) => {
    if (n.level !== level || (n.kind !== "samples" && n.kind !== "partial")) return [];
    const accumulates = n.kind === "partial";
    if (accumulates)
      for (const t of n.node.writes)
        clear.push({ name: `${plan.name}_${t.name}_clear`, nest: fill(plan.tensors.tile(t), 0), scratch: new Set() });
    return namedNests(plan, n, plan.tensors.tile).map((named) => {
      if (named.nest.kind !== "contraction") return named;
      const { contraction, packing } = packOperand(named.nest, mayPack);
      if (packing) packings.set(packing.view.name, packing);
      return { ...named, nest: accumulates ? { ...contraction, init: load(contraction.out) } : contraction };
    });
  });
  const packed = [...packings.values()].map(({ view, nest }) => ({
    name: `${plan.name}_${view.name}`,
    nest,
    scratch: new Set<string>(),
  }));
  return { nests: fuseNests(nests, plan.isLocal), clear, packings: packed };
}

/** A segment for one group: its sums start at zero, then its tiles one by one. */
function samples(plan: Plan, level: number, { nests, clear }: Segment, from: number): Part {
  const { groups, machine } = plan;
  const runs = runsOf(nests, machine);
  const start = clear.map(({ name, nest }) => call(name, schedule(nest, machine)));
  const body = block(
    ...start,
    loop({ name: TILE, extent: groups.tiles }, "serial", block(...runs.map((run) => run.stmt))),
  );
  const axes = [stepAxis(plan), { name: GROUP, extent: groups.count }];
  const stmts = runs.map((run, k) => ({
    position: from + k,
    stmt: run.stmt,
    scratch: new Set(nests.slice(run.from, run.to).flatMap((n) => [...n.scratch])),
  }));
  return { phase: { kernel: { name: `${plan.name}_segment${level}`, axes, body }, groups: groups.count }, stmts };
}
