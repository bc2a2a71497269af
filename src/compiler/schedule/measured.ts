import { affine, rangeOf, scaleOf } from "../../ir/affine.ts";
import { zero } from "../../ir/build.ts";
import { type Contraction, factors } from "../../ir/contraction.ts";
import type { Machine, Tiling } from "../../ir/machine.ts";
import type { Axis, Ref } from "../../ir/types.ts";
import { addressOf, at, memory, strideAlong } from "../../ir/view.ts";
import { candidates } from "./tilings.ts";

/** Measured tilings, by the key of their contraction. */
export type Tilings = Readonly<Record<string, Tiling>>;

/** The properties that determine the speed of a contraction: its axes, and their strides in each operand. */
export const contractionKey = (c: Contraction): string =>
  JSON.stringify([
    c.axes.map(({ name, extent }) => [name, extent]),
    ...[c.out, ...factors(c)].map((ref) => c.axes.map((axis) => strideAlong(ref, axis))),
  ]);

/** Whether a contraction can be timed in isolation: its operands are floats, at addresses known in advance. */
export const isTimeable = (c: Contraction): boolean =>
  [c.out, ...factors(c)].every(({ view, gather }) => view.type === "f32" && !gather);

/** A contraction in isolation: its sums, over buffers of its own. */
export function alone(c: Contraction, name: string): Contraction {
  const axes = new Map(c.axes.map((axis) => [axis.name, axis]));
  const over = (operand: string, ref: Ref): Ref => {
    const moves = (axis: Axis) => [axis.name, scaleOf(addressOf(ref), axis.name)] as const;
    const scale = Object.fromEntries(c.axes.map(moves).filter(([, stride]) => stride !== 0));
    const [low, high] = rangeOf(affine(0, scale), axes);
    return at(memory(`${name}.${operand}`, [high - low + 1]), affine(-low, scale));
  };
  return {
    ...{ kind: "contraction", axes: c.axes, init: zero },
    ...{ out: over("out", c.out), a: over("a", c.a), ...(c.b && { b: over("b", c.b) }) },
  };
}

const isSame = (a: Tiling, b: Tiling): boolean =>
  a.vector === b.vector &&
  a.width === b.width &&
  a.unroll === b.unroll &&
  Object.entries(a.tile).every(([axis, size]) => b.tile[axis] === size);

/** The machine with measured tilings. Those that are not among a contraction's candidates are ignored. */
export const withTilings = (m: Machine, tilings: Tilings): Machine => ({
  ...m,
  tilingOf(c) {
    const found = tilings[contractionKey(c)];
    return found && candidates(c, m).find((candidate) => isSame(candidate, found));
  },
});
