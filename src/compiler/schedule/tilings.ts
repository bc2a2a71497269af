import { type Contraction, factors, outputAxes, reducedAxes } from "../../ir/contraction.ts";
import type { Machine, Tiling } from "../../ir/machine.ts";
import type { Axis } from "../../ir/types.ts";
import { strideAlong } from "../../ir/view.ts";
import { cost } from "./cost.ts";

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, k) => from + k);

/** The axes with stride 1 in `out`, and stride 0 or 1 in each factor. */
const vectorAxes = (c: Contraction): readonly Axis[] =>
  outputAxes(c).filter(
    (axis) =>
      strideAlong(c.out, axis) === 1 &&
      factors(c).every((r) => strideAlong(r, axis) === 0 || strideAlong(r, axis) === 1),
  );

/** The axes that can be vectorized, with the vector widths that fit into them; a width of 1 if there are none. */
function vectorsOf(c: Contraction, m: Machine): readonly Pick<Tiling, "vector" | "width">[] {
  const vectors = vectorAxes(c).flatMap(({ name, extent }) => {
    const fitting = m.widths.filter((width) => width <= extent);
    return (fitting.length > 0 ? fitting : [1]).map((width) => ({ vector: name, width }));
  });
  return vectors.length > 0 ? vectors : [{ vector: outputAxes(c).at(-1)?.name ?? "", width: 1 }];
}

/** The unroll factors of the innermost reduction: 1 and the largest that divides it; only 1 if loads are hoisted. */
function unrollsOf(c: Contraction, m: Machine): readonly number[] {
  if (m.hoistsLoads) return [1];
  const depth = reducedAxes(c).at(-1)?.extent ?? 1;
  return [...new Set([1, Math.max(...range(1, m.maxUnroll).filter((steps) => depth % steps === 0))])];
}

/** The tile sizes that cut an extent into 1, 2, 3, … tiles as evenly as possible. */
const evenSizes = (extent: number, limit: number): number[] =>
  [...new Set(range(1, extent).map((tiles) => Math.ceil(extent / tiles)))].filter((n) => n <= limit);

/** All tiles of the given axes with at most `room` vectors of sums. */
function tilesOf(
  [axis, ...rest]: readonly Axis[],
  vector: Pick<Tiling, "vector" | "width">,
  room: number,
): readonly Tiling["tile"][] {
  if (axis === undefined) return [{}];
  const unit = axis.name === vector.vector ? vector.width : 1;
  return evenSizes(Math.ceil(axis.extent / unit), room).flatMap((n) =>
    tilesOf(rest, vector, Math.floor(room / n)).map((tile) => ({ ...tile, [axis.name]: n * unit })),
  );
}

/** All tilings whose sums fit in the registers. */
export const candidates = (c: Contraction, m: Machine): readonly Tiling[] =>
  vectorsOf(c, m).flatMap((vector) =>
    tilesOf(outputAxes(c), vector, m.registers - m.operandRegisters).flatMap((tile) =>
      unrollsOf(c, m).map((unroll) => ({ ...vector, tile, unroll })),
    ),
  );

const estimates = (c: Contraction, m: Machine) =>
  candidates(c, m).map((tiling) => ({ tiling, cycles: cost(c, tiling, m) }));

/** The tilings with the lowest estimates, the best first. */
export const likelyTilings = (c: Contraction, m: Machine, most: number): readonly Tiling[] =>
  estimates(c, m)
    .toSorted((a, b) => a.cycles - b.cycles)
    .slice(0, most)
    .map(({ tiling }) => tiling);

/** The tiling that was measured to be the fastest on this machine, or else the one with the lowest estimate. */
export function bestTiling(c: Contraction, m: Machine): Tiling {
  const measured = m.tilingOf?.(c);
  if (measured) return measured;
  const [first, ...others] = estimates(c, m);
  return others.reduce((best, x) => (x.cycles < best.cycles ? x : best), first!).tiling;
}
