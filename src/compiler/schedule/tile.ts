import { affine, axisIndex, plus, times } from "../../ir/affine.ts";
import { block, load, loop, nest, store } from "../../ir/build.ts";
import { accumulate, type Contraction, outputAxes, reducedAxes } from "../../ir/contraction.ts";
import type { Tiling } from "../../ir/machine.ts";
import { rewriteValue } from "../../ir/traverse.ts";
import type { Affine, Axis, Mark, Ref, Stmt } from "../../ir/types.ts";
import { at, register, substituteRef } from "../../ir/view.ts";
import { substitution } from "./fuseAxes.ts";

/** A run of equal tiles along one axis: `count` tiles of `vectors` × `width` elements, beginning at `start`. */
export interface Piece {
  readonly start: number;
  readonly count: number;
  readonly vectors: number;
  readonly width: number;
}

/**
 * Cuts an axis into full tiles of `tile` elements, then one smaller tile, then narrower vectors, down to
 * single elements, so that tails need neither masks nor branches.
 */
export function pieces(extent: number, tile: number, width = 1, start = 0): readonly Piece[] {
  const left = extent - start;
  if (left === 0) return [];
  const size = Math.min(tile - (tile % width), left - (left % width));
  if (size === 0) return pieces(extent, tile, width > 4 ? width / 2 : 1, start);
  const count = Math.floor(left / size);
  return [{ start, count, vectors: size / width, width }, ...pieces(extent, size, width, start + count * size)];
}

/** The pieces of one output axis. */
export const piecesOf = (axis: Axis, t: Tiling): readonly Piece[] =>
  pieces(axis.extent, t.tile[axis.name] ?? 1, axis.name === t.vector ? t.width : 1);

/** The unrolled and vector loops inside a tile, and each output axis in terms of them. */
interface Tile {
  readonly loops: readonly { readonly axis: Axis; readonly mark: Mark }[];
  readonly index: Readonly<Record<string, Affine>>;
}

/** The scheduled nest: serial loops over tiles around a microkernel for each shape of tile. */
export function tileContraction(c: Contraction, t: Tiling): Stmt {
  const overTiles = ([axis, ...rest]: readonly Axis[], tile: Tile): Stmt =>
    axis === undefined
      ? microkernel(c, tile, t.unroll)
      : block(
          ...piecesOf(axis, t).map((p) =>
            repeat(axis, p.count, overTiles(rest, extend(tile, axis, p, axis.name === t.vector))),
          ),
        );
  return overTiles(outputAxes(c), { loops: [], index: {} });
}

/** A serial loop, or just its body if there is only one iteration. */
export const repeat = (axis: Axis, count: number, body: Stmt): Stmt =>
  count === 1 ? body : loop({ name: axis.name, extent: count }, "serial", body);
const unrolledName = (axis: Axis) => `.${axis.name}`;

/** The index of an element of a piece: start + size·(serial) + width·(unrolled). */
export const within = (axis: Axis, p: Piece): Affine =>
  plus(
    affine(p.start, p.count === 1 ? {} : { [axis.name]: p.vectors * p.width }),
    times(axisIndex(unrolledName(axis)), p.width),
  );

/** The loops inside one piece of an axis. */
export const insideOf = (axis: Axis, p: Piece) => ({
  unrolled: { axis: { name: unrolledName(axis), extent: p.vectors }, mark: "unrolled" as const },
  lanes: { axis: { name: ".lane", extent: p.width }, mark: "vector" as const },
});

/** Adds an axis to a tile. The vector axis goes innermost, so its operand stays in registers while the other is broadcast. */
function extend(tile: Tile, axis: Axis, p: Piece, isVector: boolean): Tile {
  const { unrolled, lanes } = insideOf(axis, p);
  return {
    loops: isVector ? [...tile.loops, unrolled, lanes] : [unrolled, ...tile.loops],
    index: { ...tile.index, [axis.name]: isVector ? plus(within(axis, p), axisIndex(".lane")) : within(axis, p) },
  };
}

/** The sums of one tile: initialized, accumulated over the reduced axes in order, and stored. */
function microkernel(c: Contraction, tile: Tile, unroll: number): Stmt {
  const sum: Ref = at(
    register("sum", ...tile.loops.map((l) => l.axis.extent)),
    ...tile.loops.map((l) => axisIndex(l.axis.name)),
  );
  const overTile = (body: Stmt): Stmt => tile.loops.reduceRight((inner, l) => loop(l.axis, l.mark, inner), body);
  const here = substitution(tile.index);
  const terms = reduce(reducedAxes(c), unroll, (step) => {
    const operand = (r: Ref) => load(substituteRef(r, { ...tile.index, ...step }));
    return overTile(store(sum, accumulate(operand(c.a), c.b && operand(c.b), load(sum))));
  });
  return block(
    overTile(store(sum, rewriteValue(c.init, here))),
    terms,
    overTile(store(here.ref(c.out), c.finish ? rewriteValue(c.finish(load(sum)), here) : load(sum))),
  );
}

/** Serial loops over the reduced axes, outermost first; the innermost is unrolled by `unroll`. */
function reduce(axes: readonly Axis[], unroll: number, body: (step: Readonly<Record<string, Affine>>) => Stmt): Stmt {
  const innermost = axes.at(-1);
  if (!innermost) return body({});
  const loops = pieces(innermost.extent, unroll).map((p) => {
    const { unrolled } = insideOf(innermost, p);
    return repeat(
      innermost,
      p.count,
      loop(unrolled.axis, unrolled.mark, body({ [innermost.name]: within(innermost, p) })),
    );
  });
  return nest(axes.slice(0, -1), "serial", block(...loops));
}
