import { affine, axisIndex, plus, times } from "../ir/affine.ts";
import { add, load, nest, store } from "../ir/build.ts";
import { type Contraction, iterationsOf, outputAxes, reducedAxes, rewriteContraction } from "../ir/contraction.ts";
import type { Affine, Axis, Value } from "../ir/types.ts";
import type { Named } from "./plan.ts";
import { substitution } from "./schedule/fuseAxes.ts";

/** The most terms of a sum that is a single chain of additions, whose error grows with its length. */
const LONGEST_CHAIN = 2 ** 14;
/** The most terms of a block of a longer sum. */
const MOST_TERMS_OF_BLOCK = 2 ** 12;

/**
 * The nests of a sum. One of more than 2^14 terms is cut into blocks of consecutive terms: each block starts at zero, and
 * is added to the sum when it is complete. This order, too, follows from shapes alone, so that it is the same everywhere.
 */
export function sumInBlocks(named: Named): readonly Named[] {
  const { name, nest: c } = named;
  if (c.kind !== "contraction" || iterationsOf(reducedAxes(c)) <= LONGEST_CHAIN) return [named];
  const onOutputs = (value: Value) => nest(outputAxes(c), "serial", store(c.out, value));
  const { finish } = c;
  return [
    { name: `${name}_start`, nest: onOutputs(c.init) },
    ...blocksOf(name, c, reducedAxes(c)),
    ...(finish ? [{ name: `${name}_finish`, nest: onOutputs(finish(load(c.out))) }] : []),
  ];
}

/** The nests that add a tile's terms to the sum of its group, which has `tiles` tiles at most. */
export function sumOfGroup(name: string, c: Contraction, tiles: number): readonly Named[] {
  const reduced = reducedAxes(c);
  if (tiles * iterationsOf(reduced) <= LONGEST_CHAIN) return [{ name, nest: { ...c, init: load(c.out) } }];
  // The segment divides the samples.
  const withinSample = reduced.filter((axis) => axis.name !== "n");
  return blocksOf(name, c, withinSample);
}

/**
 * The nests that add the blocks of a sum to `out`. A block has the innermost axes, as many as stay below its most terms;
 * where the last one alone has more, it is cut, and what is left over becomes a nest of its own.
 */
function blocksOf(name: string, c: Contraction, reduced: readonly Axis[]): readonly Named[] {
  const around = reduced.filter(
    (_, k) => k < reduced.length - 1 && iterationsOf(reduced.slice(k)) > MOST_TERMS_OF_BLOCK,
  );
  const axes = c.axes.filter((axis) => !around.includes(axis));
  const added: Contraction = { ...c, axes, finish: (sum) => add(load(c.out), sum) };
  const last = reduced.at(-1);
  if (!last || last.extent <= MOST_TERMS_OF_BLOCK) return [{ name, nest: added, around }];
  const part = (extent: number, start: Affine) =>
    rewriteContraction(
      added,
      axes.map((axis) => (axis === last ? { ...last, extent } : axis)),
      substitution({ [last.name]: plus(start, axisIndex(last.name)) }),
    );
  const blocks: Axis = { name: `${last.name}.block`, extent: Math.floor(last.extent / MOST_TERMS_OF_BLOCK) };
  const full = part(MOST_TERMS_OF_BLOCK, times(axisIndex(blocks.name), MOST_TERMS_OF_BLOCK));
  const covered = blocks.extent * MOST_TERMS_OF_BLOCK;
  return [
    { name, nest: full, around: [...around, blocks] },
    ...(covered < last.extent
      ? [{ name: `${name}_rest`, nest: part(last.extent - covered, affine(covered)), around }]
      : []),
  ];
}
