import { type Contraction, factors, iterationsOf, outputAxes, reducedAxes } from "../../ir/contraction.ts";
import type { Machine, Tiling } from "../../ir/machine.ts";
import type { Axis, Ref } from "../../ir/types.ts";
import { bytesOf, spanOf, strideAlong } from "../../ir/view.ts";
import { type Piece, piecesOf } from "./tile.ts";

/** The shape of a tile: the piece of each output axis. */
type Shape = readonly { readonly axis: Axis; readonly piece: Piece }[];

/** The estimated cycles of a contraction, summed over its tiles by their shapes. */
export function cost(c: Contraction, t: Tiling, m: Machine): number {
  const overTiles = ([axis, ...rest]: readonly Axis[], shape: Shape): number =>
    axis === undefined
      ? tileCycles(c, shape, t, m)
      : piecesOf(axis, t).reduce((sum, piece) => sum + piece.count * overTiles(rest, [...shape, { axis, piece }]), 0);
  return overTiles(outputAxes(c), []);
}

/** The cycles of one tile: one step for each term of its sums, and the overhead to begin and end them. */
function tileCycles(c: Contraction, shape: Shape, t: Tiling, m: Machine): number {
  const step = stepOf(c, shape, t, m);
  const reduced = reducedAxes(c);
  return iterationsOf(reduced) * stepCycles(step, t, m) + overhead(step, iterationsOf(reduced.slice(0, -1)), m);
}

/** The operations of a tile in one step of its sums. */
interface Step {
  /** Vectors of sums, with one multiply-add each. */
  readonly sums: number;
  /** Elements of a vector. */
  readonly width: number;
  /** Vectors loaded from factors that vary along the lanes. */
  readonly vectorLoads: number;
  /** Elements loaded from factors that are the same in all lanes, each broadcast to a vector. */
  readonly broadcasts: number;
  /** Whether multiply-adds read broadcast elements directly from memory, which pays off if each is used once. */
  readonly folded: boolean;
  /** Loads that conflict because they share a set of the cache. */
  readonly conflicts: number;
  /** Cycles to load vectors from the L2 cache. */
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

/** The elements that a tile reads along an axis, if they all map to one set of the cache and exceed its ways. */
const conflictsOf = (r: Ref, shape: Shape, m: Machine): number =>
  shape.reduce((n, { axis, piece }) => {
    const bytes = strideAlong(r, axis) * bytesOf.f32;
    return bytes !== 0 && bytes % m.setBytes === 0 && piece.vectors > m.setVectors ? n + piece.vectors : n;
  }, 0);

/** The units of a processor work in parallel, so a step takes as long as the busiest one; spills add to that. */
const stepCycles = (s: Step, t: Tiling, m: Machine): number =>
  Math.max(arithmetic(s, m), loading(s, m), s.farCycles, issuing(s, t, m), m.latency) + spilling(s, t, m);

/** The vectors that a unit handles per cycle: fewer if the widest ones take several slots. */
const perCycle = (most: number, { width }: Step, m: Machine): number => Math.min(most, m.elementsPerCycle / width);

/** Cycles of the multiply-adds. */
const arithmetic = (s: Step, m: Machine): number => s.sums / perCycle(m.vectorsPerCycle, s, m);

/** Cycles of the loads from the L1 cache. */
const loading = (s: Step, m: Machine): number =>
  s.vectorLoads / perCycle(m.loadsPerCycle, s, m) + s.broadcasts / m.loadsPerCycle + s.conflicts;

/** Cycles to issue all instructions, including loop control, which is amortized over `unroll` steps. */
const issuing = (s: Step, { unroll }: Tiling, m: Machine): number =>
  (s.sums + s.vectorLoads + (s.folded ? 0 : s.broadcasts) + m.loopInstructions / unroll) / m.instructionsPerCycle;

/** Cycles to spill what does not fit in the registers. A compiler that hoists loads needs a register for each of them. */
function spilling(s: Step, { unroll }: Tiling, m: Machine): number {
  const operands = m.hoistsLoads ? (s.vectorLoads + s.broadcasts) * unroll : s.vectorLoads + (s.folded ? 0 : 1);
  return Math.max(0, s.sums + operands - m.registers) * m.spill;
}

/** Cycles to begin and end a tile. Its outer loops have `iterations` iterations in all; storing sums partly overlaps with the next tile. */
const overhead = ({ sums }: Step, iterations: number, m: Machine): number =>
  m.tileOverhead + m.iterationOverhead * iterations + m.sumOverhead * Math.max(0, sums - m.hiddenSums);
