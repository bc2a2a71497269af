import { type Contraction, factors, outputAxes, reducedAxes } from "../../ir/contraction.ts";
import type { Machine } from "../../ir/machine.ts";
import type { Tiling } from "../../ir/tiling.ts";
import type { Axis, Ref } from "../../ir/types.ts";
import { spanOf, strideAlong } from "../../ir/view.ts";
import type { Piece } from "./pieces.ts";
import { piecesOf } from "./tile.ts";

const product = (axes: readonly Axis[]): number => axes.reduce((n, axis) => n * axis.extent, 1);
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, k) => from + k);

/** Axes whose neighbours are neighbours in `out`, and neighbours or the same in each factor. */
export const vectorAxes = (c: Contraction): readonly Axis[] =>
  outputAxes(c).filter(
    (axis) =>
      strideAlong(c.out, axis) === 1 &&
      factors(c).every((r) => strideAlong(r, axis) === 0 || strideAlong(r, axis) === 1),
  );

/** Tile sizes that cut an extent into 1, 2, 3, … tiles, as evenly as can be. */
const evenSizes = (extent: number, limit: number): number[] =>
  [...new Set(range(1, extent).map((tiles) => Math.ceil(extent / tiles)))].filter((n) => n <= limit);

/** Every tiling whose sums fit in registers. */
export function candidates(c: Contraction, m: Machine): readonly Tiling[] {
  const depth = reducedAxes(c).at(-1)?.extent ?? 1;
  const unrolls = m.hoistsLoads ? [1] : [...new Set([1, Math.max(...range(1, 8).filter((u) => depth % u === 0))])];
  const tiles = (
    [axis, ...rest]: readonly Axis[],
    vector: string,
    width: number,
    room: number,
  ): Record<string, number>[] => {
    if (axis === undefined) return [{}];
    const unit = axis.name === vector ? width : 1;
    return evenSizes(Math.ceil(axis.extent / unit), room).flatMap((n) =>
      tiles(rest, vector, width, Math.floor(room / n)).map((tile) => ({ ...tile, [axis.name]: n * unit })),
    );
  };
  const vectors = vectorAxes(c).flatMap(({ name, extent }) => {
    const fitting = m.widths.filter((width) => width <= extent);
    return (fitting.length > 0 ? fitting : [1]).map((width) => ({ name, width }));
  });
  const usable = vectors.length > 0 ? vectors : [{ name: outputAxes(c).at(-1)?.name ?? "", width: 1 }];
  return usable.flatMap(({ name: vector, width }) =>
    tiles(outputAxes(c), vector, width, m.registers - 2).flatMap((tile) =>
      unrolls.map((unroll) => ({ vector, width, tile, unroll })),
    ),
  );
}

/** One shape of tile: the piece that each output axis contributes. */
type Shape = readonly { readonly axis: Axis; readonly piece: Piece }[];

/** Estimated cycles of the whole contraction: its tiles, each with the cycles of its shape. */
export function cost(c: Contraction, t: Tiling, m: Machine): number {
  const overTiles = ([axis, ...rest]: readonly Axis[], shape: Shape): number =>
    axis === undefined
      ? tileCycles(c, shape, t, m)
      : piecesOf(axis, t).reduce((sum, piece) => sum + piece.count * overTiles(rest, [...shape, { axis, piece }]), 0);
  return overTiles(outputAxes(c), []);
}

/** A step costs the most of multiply-adds, loads, bytes, instructions and latency; a register too many costs a spill. */
function tileCycles(c: Contraction, shape: Shape, t: Tiling, m: Machine): number {
  const vectors = (reads: (axis: Axis) => boolean) =>
    shape.reduce((n, { axis, piece }) => (reads(axis) ? n * piece.vectors : n), 1);
  const valuesOf = (r: Ref) => vectors((axis) => strideAlong(r, axis) !== 0);
  const total = (refs: readonly Ref[], f: (r: Ref) => number) => refs.reduce((n, r) => n + f(r), 0);
  const lane = shape.find(({ axis }) => axis.name === t.vector);
  const width = lane?.piece.width ?? 1;
  const isAcross = (r: Ref) => lane !== undefined && strideAlong(r, lane.axis) !== 0;
  const across = factors(c).filter(isAcross);
  const along = factors(c).filter((r) => !isAcross(r));

  const sums = vectors(() => true);
  const held = total(across, valuesOf);
  const broadcasts = total(along, valuesOf);
  const folded = m.foldsBroadcasts && sums === broadcasts;
  const live = sums + (m.hoistsLoads ? (held + broadcasts) * t.unroll : held + (folded ? 0 : 1));
  const perCycle = (most: number) => Math.min(most, m.elementsPerCycle / width);
  const far = (r: Ref) => (spanOf(r.view) * 4 > m.nearBytes ? (valuesOf(r) * width * 4) / m.farBytesPerCycle : 0);
  const step =
    Math.max(
      sums / perCycle(m.vectorsPerCycle),
      held / perCycle(m.loadsPerCycle) + broadcasts / m.loadsPerCycle + total(factors(c), (r) => conflicts(r, shape)),
      total(across, far),
      (sums + held + (folded ? 0 : broadcasts) + 3 / t.unroll) / m.instructionsPerCycle,
      m.latency,
    ) +
    Math.max(0, live - m.registers) * m.spill;
  const reduced = reducedAxes(c);
  const ends = m.tileOverhead + 2 * product(reduced.slice(0, -1)) + 2 * Math.max(0, sums - m.hiddenSums);
  return product(reduced) * step + ends;
}

/** Loads that miss because their addresses are multiples of 4 KiB apart, and so share one set of the cache. */
const conflicts = (r: Ref, shape: Shape): number =>
  shape.reduce((n, { axis, piece }) => {
    const bytes = strideAlong(r, axis) * 4;
    return bytes !== 0 && bytes % 4096 === 0 && piece.vectors > 4 ? n + piece.vectors : n;
  }, 0);

const estimates = (c: Contraction, m: Machine) =>
  candidates(c, m).map((tiling) => ({ tiling, cycles: cost(c, tiling, m) }));

/** The tilings that the model expects to be the fastest, the best first. */
export const likelyTilings = (c: Contraction, m: Machine, most: number): readonly Tiling[] =>
  estimates(c, m)
    .toSorted((a, b) => a.cycles - b.cycles)
    .slice(0, most)
    .map(({ tiling }) => tiling);

/** The tiling that was measured to be the fastest on the machine, or that the model expects to be. */
export function bestTiling(c: Contraction, m: Machine): Tiling {
  const measured = m.tilingOf?.(c);
  if (measured) return measured;
  const [first, ...others] = estimates(c, m);
  return others.reduce((best, x) => (x.cycles < best.cycles ? x : best), first!).tiling;
}
