import { philox, purposes, toUnit } from "../base/philox.ts";
import { shapeError, sizeOf } from "../base/shape.ts";
import { plus } from "../ir/affine.ts";
import {
  block,
  constant,
  div,
  elementwise,
  indexValue,
  integer,
  less,
  load,
  loops,
  mul,
  one,
  select,
  store,
  zero,
} from "../ir/build.ts";
import { philoxWords, uniform } from "../ir/random.ts";
import type { Stmt, View } from "../ir/types.ts";
import { at } from "../ir/view.ts";
import { checkAttribute, checkWhole } from "./check.ts";
import { placeInSample } from "./flatten.ts";
import { defineOp, type Runtime, type RuntimeNumbers } from "./op.ts";

export interface DropoutAttrs {
  readonly keepProbability: number;
  /** Unique to each dropout of a network, so that their draws are independent. */
  readonly stream: number;
}

/** The number of blocks of four draws for a sample's elements. */
export const blocksOf = (elements: number): number => Math.ceil(elements / 4);

/** Throws `INVALID_ARGUMENT` unless the attributes are valid. */
export function checkDropout(op: string, { keepProbability, stream }: DropoutAttrs): void {
  const isProbability = keepProbability > 0 && keepProbability <= 1;
  checkAttribute(op, "keepProbability", keepProbability, isProbability, "above 0 and at most 1");
  checkWhole(op, "stream", stream, 0);
}

/**
 * Draws scale [N,4Q]: 1 / keepProbability or 0. Philox with key (seed, purpose) and counter (step, sample, b,
 * stream) draws block b of Q; its word j belongs to element j·Q + b, so that a vector along b stores adjacent elements.
 */
export function drawScale(scale: View, { keepProbability, stream }: DropoutAttrs, runtime: Runtime): Stmt {
  const { seed, step, sample } = runtime;
  const Q = scale.shape[1]! / 4;
  return loops({ n: scale.shape[0]!, b: Q }, ({ n, b }) =>
    philoxWords([seed, integer(purposes.dropout)], [step, sample(n), indexValue(b), integer(stream)], (words) =>
      block(
        ...words.map((word, j) => {
          const keep = less(uniform(word), constant(Math.fround(keepProbability)));
          return store(at(scale, n, plus(b, j * Q)), select(keep, div(one, constant(keepProbability)), zero));
        }),
      ),
    ),
  );
}

/** The same draw for plain numbers, for references: element e of the E elements of sample n. */
export function scaleAt(n: number, e: number, E: number, attrs: DropoutAttrs, { seed, step }: RuntimeNumbers): number {
  const Q = Math.ceil(E / 4);
  const word = philox([seed, purposes.dropout], [step, n, e % Q, attrs.stream])[Math.floor(e / Q)]!;
  return toUnit(word) < Math.fround(attrs.keepProbability) ? 1 / attrs.keepProbability : 0;
}

const scaled = (of: View, scale: View, to: View) =>
  elementwise(to, (i) => mul(load(at(of, ...i)), load(at(scale, i[0]!, placeInSample(to.shape, i)))));

/**
 * Sets elements to zero at random and scales the others so that the expected value is unchanged.
 *
 *   y[n,e] = x[n,e] · scale[n,e],   scale[n,e] = uniform(n,e) < keepProbability ? 1 / keepProbability : 0
 *
 * x [N,…] of E elements per sample, not counting padding, gives y of the same shape; see `drawScale` for the
 * draw that belongs to element e. Same as `tf.nn.dropout` in TensorFlow 1.
 */
export const dropout = defineOp<DropoutAttrs>()({
  name: "dropout",
  inputs: ["x"],

  infer({ x }, attrs) {
    if (x.length < 2) throw shapeError("dropout", "rank of x", x.length, "at least 2");
    checkDropout("dropout", attrs);
    return x;
  },

  saves: ({ x }) => ({ scale: [x[0]!, 4 * blocksOf(sizeOf(x.slice(1)))] }),

  forward: ({ x, scale }, y, attrs, runtime) => [drawScale(scale, attrs, runtime), scaled(x, scale, y)],

  backward: { x: ({ scale }, _y, dy, dx) => [scaled(dy, scale, dx)] },

  reference({ x }, shapes, y, _yShape, attrs, runtime) {
    const E = sizeOf(shapes.x.slice(1));
    x.forEach((value, i) => {
      y[i] = value * scaleAt(Math.floor(i / E), i % E, E, attrs, runtime);
    });
  },

  samples: [
    { shapes: { x: [2, 4, 4, 16] }, attrs: { keepProbability: 0.5, stream: 0 } },
    { shapes: { x: [3, 3, 5, 7] }, attrs: { keepProbability: 0.7, stream: 1 } },
    { shapes: { x: [2, 1] }, attrs: { keepProbability: 0.25, stream: 2 } },
    { shapes: { x: [4, 6] }, attrs: { keepProbability: 1, stream: 3 } },
    { shapes: { x: [2, 64] }, attrs: { keepProbability: 0.01, stream: 4294967295 } },
  ],
  rejects: [
    {
      shapes: { x: [2, 4] },
      attrs: { keepProbability: 0, stream: 0 },
      message: "dropout: keepProbability is 0, expected above 0 and at most 1",
    },
    {
      shapes: { x: [2, 4] },
      attrs: { keepProbability: 1.5, stream: 0 },
      message: "dropout: keepProbability is 1.5, expected above 0 and at most 1",
    },
    {
      shapes: { x: [2, 4] },
      attrs: { keepProbability: Number.NaN, stream: 0 },
      message: "dropout: keepProbability is NaN, expected above 0 and at most 1",
    },
    {
      shapes: { x: [2, 4] },
      attrs: { keepProbability: 0.5, stream: -1 },
      message: "dropout: stream is -1, expected a whole number of at least 0",
    },
    {
      shapes: { x: [4] },
      attrs: { keepProbability: 0.5, stream: 0 },
      message: "dropout: rank of x is 1, expected at least 2",
    },
  ],
});
