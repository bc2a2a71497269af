import { block, call, fill, loop } from "../ir/build.ts";
import { barrierNests, roundsOf } from "./barrier.ts";
import { fuseNests } from "./fuseNests.ts";
import { sumInBlocks, sumOfGroup } from "./longSums.ts";
import { type Packing, packOperand } from "./pack.ts";
import { type Named, namedNests, type Plan, parametersOf, type Work, wholeNests } from "./plan.ts";
import { schedule } from "./schedule/schedule.ts";
import { type Runs, runsOf, stmtOf } from "./segment.ts";
import { TILE } from "./storage.ts";

/** Work that may run in parallel. The next phase begins when all of it is done. */
export interface Phase extends Runs {
  readonly work: readonly Work[];
}

/** Arranges the nodes of a program in phases: the segments, each after its barrier, and the last barrier. */
export function phasesOf(plan: Plan): readonly Phase[] {
  const last = Math.max(0, ...plan.nodes.map((n) => (n.kind === "partial" ? n.level + 1 : n.level)));
  const phases: Phase[] = [];
  for (let level = 0; level <= last; level++) {
    const segment = segmentNests(plan, level);
    const updates = level === last ? plan.updates.flatMap((n) => wholeNests(plan, n)) : [];
    const nests = [...barrierNests(plan, level), ...updates, ...segment.packings];
    for (const work of roundsOf(plan, `${plan.name}_barrier${level}`, nests))
      phases.push({ work, runs: [{ stmts: work.map(({ kernel }) => kernel.body) }], contracted: new Set() });
    if (segment.nests.length > 0) phases.push(samples(plan, level, segment));
  }
  return phases;
}

/** A segment: its nests, those that clear its sums, and those that pack its operands beforehand. */
interface Segment {
  readonly nests: readonly Named[];
  readonly clear: readonly Named[];
  readonly packings: readonly Named[];
}

/** The nests of a segment over the views of a tile. */
function segmentNests(plan: Plan, level: number): Segment {
  const packings = new Map<string, Packing>();
  const clear: Named[] = [];
  const mostTiles = Math.max(...plan.groups.shares.map(({ tiles }) => tiles));
  const nests = plan.nodes.flatMap((n) => {
    if (n.level !== level || (n.kind !== "samples" && n.kind !== "partial")) return [];
    const accumulates = n.kind === "partial";
    if (accumulates)
      for (const t of n.node.writes)
        clear.push({ name: `${plan.name}_${t.name}_clear`, nest: fill(plan.tensors.tile(t), 0) });
    return namedNests(plan, n, plan.tensors.tile).flatMap(({ name, nest }) => {
      if (nest.kind !== "contraction") return { name, nest };
      const { contraction, packing } = packOperand(nest, plan.name, plan.isShared);
      if (packing) packings.set(packing.view.name, packing);
      return accumulates ? sumOfGroup(name, contraction, mostTiles) : sumInBlocks({ name, nest: contraction });
    });
  });
  const packed = [...packings.values()].map(({ name, nest }) => ({ name: `${plan.name}_${name}`, nest }));
  return { nests: fuseNests(nests, plan.isLocal), clear, packings: packed };
}

/** The phase of a segment: each group clears its sums and then runs its tiles one by one. One kernel per number of tiles. */
function samples(plan: Plan, level: number, { nests, clear }: Segment): Phase {
  const { groups, machine } = plan;
  const { runs, contracted } = runsOf(nests, machine);
  const start = clear.map(({ name, nest }) => call(name, schedule(nest, machine)));
  const tile = block(...runs.map(stmtOf));
  const work = groups.shares.map(({ first, count, tiles }, k): Work => {
    const body = block(...start, loop({ name: TILE, extent: tiles }, "serial", tile));
    const name = `${plan.name}_segment${level}${k === 0 ? "" : "_smaller"}`;
    return { kernel: { name, axes: parametersOf(plan, first + count), body }, parts: count, first };
  });
  return { work, runs, contracted };
}
