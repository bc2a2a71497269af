import { type Contraction, factors, outputAxes, reducedAxes } from "../../ir/contraction.ts";
import type { Machine, Tiling } from "../../ir/machine.ts";
import type { Axis, Ref } from "../../ir/types.ts";
import { bytesOf, spanOf, strideAlong } from "../../ir/view.ts";
import { type Piece, piecesOf } from "./tile.ts";

const product = (axes: readonly Axis[]): number => axes.reduce((n, axis) => n * axis.extent, 1);

/** The shape of a tile: the piece that each output axis contributes. */
type Shape = readonly { readonly axis: Axis; readonly piece: Piece }[];

/** Estimated cycles of the whole contraction: its tiles, each with the cycles of its shape. */
export function cost(c: Contraction, t: Tiling, m: Machine): number {
  const overTiles = ([axis, ...rest]: readonly Axis[], shape: Shape): number =>
    axis === undefined
      ? tileCycles(c, shape, t, m)
      : piecesOf(axis, t).reduce((sum, piece) => sum + piece.count * overTiles(rest, [...shape, { axis, piece }]), 0);
  return overTiles(outputAxes(c), []);
}

/** Cycles of one tile: a step for each term of its sums, and what it costs to begin and end them. */
function tileCycles(c: Contraction, shape: Shape, t: Tiling, m: Machine): number {
  const step = stepOf(c, shape, t, m);
  const reduced = reducedAxes(c);
  return product(reduced) * stepCycles(step, t, m) + overhead(step, product(reduced.slice(0, -1)), m);
}

/** What a tile does in one step of its sums. */
interface Step {
  /** Vectors of sums, each with one multiply-add. */
  readonly sums: number;
  /** Elements of a vector. */
  readonly width: number;
  /** Vectors loaded from a factor that runs across the lanes. */
  readonly vectorLoads: number;
  /** Elements loaded from a factor that is the same in all lanes, each to fill a vector. */
  readonly broadcasts: number;
  /** Whether multiply-adds read the broadcast elements from memory themselves: where each is used once. */
  readonly folded: boolean;
  /** Loads that wait for one another, since they share a set of the cache. */
  readonly conflicts: number;
  /** Cycles to bring vectors from the second cache. */
  readonly farCycles: number;
}

function stepOf(c: Contraction, shape: Shape, t: Tiling, m: Machine): Step {
  const vectors = (reads: (axis: Axis) => boolean) =>
    shape.reduce((n, { axis, piece }) => (reads(axis) ? n * piece.vectors : n), 1);
  const loadsOf = (r: Ref) => vectors((axis) => strideAlong(r, axis) !== 0);
  const total = (refs: readonly Ref[], f: (r: Ref) => number) => refs.reduce((n, r) => n + f(r), 0);
  const lane = shape.find(({ axis }) => axis.name === t.vector);
  const width = lane?.piece.width ?? 1;
  const isAcross = (r: Ref) => lane !== undefined && strideAlong(r, lane.axis) !== 0;
  const across = factors(c).filter(isAcross);
  const sums = vectors(() => true);
  const broadcasts = total(
    factors(c).filter((r) => !isAcross(r)),
    loadsOf,
  );
  const isFar = (r: Ref) => spanOf(r.view) * bytesOf.f32 > m.nearBytes;
  return {
    sums,
    width,
    vectorLoads: total(across, loadsOf),
    broadcasts,
    folded: m.foldsBroadcasts && sums === broadcasts,
    conflicts: total(factors(c), (r) => conflictsOf(r, shape, m)),
    farCycles: total(across, (r) => (isFar(r) ? (loadsOf(r) * width * bytesOf.f32) / m.farBytesPerCycle : 0)),
  };
}

/** Elements that a tile reads along one axis, if their addresses share one set of the cache and are too many for its ways. */
const conflictsOf = (r: Ref, shape: Shape, m: Machine): number =>
  shape.reduce((n, { axis, piece }) => {
    const bytes = strideAlong(r, axis) * bytesOf.f32;
    return bytes !== 0 && bytes % m.setBytes === 0 && piece.vectors > m.setVectors ? n + piece.vectors : n;
  }, 0);

/** Units of a processor work at the same time, so a step takes as long as the busiest; spills come on top. */
const stepCycles = (s: Step, t: Tiling, m: Machine): number =>
  Math.max(arithmetic(s, m), loading(s, m), s.farCycles, issuing(s, t, m), m.latency) + spilling(s, t, m);

/** Vectors that a unit handles in a cycle: fewer where the widest ones take more than one slot. */
const perCycle = (most: number, { width }: Step, m: Machine): number => Math.min(most, m.elementsPerCycle / width);

/** Cycles of the multiply-adds. */
const arithmetic = (s: Step, m: Machine): number => s.sums / perCycle(m.vectorsPerCycle, s, m);

/** Cycles of the loads from the first cache. */
const loading = (s: Step, m: Machine): number =>
  s.vectorLoads / perCycle(m.loadsPerCycle, s, m) + s.broadcasts / m.loadsPerCycle + s.conflicts;

/** Cycles to issue all instructions, with those of the loop, which `unroll` steps share. */
const issuing = (s: Step, { unroll }: Tiling, m: Machine): number =>
  (s.sums + s.vectorLoads + (s.folded ? 0 : s.broadcasts) + m.loopInstructions / unroll) / m.instructionsPerCycle;

/** Cycles to store and reload what the registers cannot hold. A compiler that hoists loads needs a register for each. */
function spilling(s: Step, { unroll }: Tiling, m: Machine): number {
  const operands = m.hoistsLoads ? (s.vectorLoads + s.broadcasts) * unroll : s.vectorLoads + (s.folded ? 0 : 1);
  return Math.max(0, s.sums + operands - m.registers) * m.spill;
}

/** Cycles to begin and end a tile: its outer loops turn `turns` times, and not all sums are stored while the next tile runs. */
const overhead = ({ sums }: Step, turns: number, m: Machine): number =>
  m.tileOverhead + m.turnOverhead * turns + m.sumOverhead * Math.max(0, sums - m.hiddenSums);
