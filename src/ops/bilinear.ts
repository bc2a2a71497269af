import { type Shape, sizeOf } from "../base/shape.ts";
import { axisIndex, plus, times } from "../ir/affine.ts";
import {
  add,
  addInt,
  constant,
  defineEach,
  eachElement,
  fill,
  fma,
  integer,
  load,
  loop,
  max,
  min,
  mulInt,
  store,
  sub,
  toFloat,
} from "../ir/build.ts";
import type { Nest } from "../ir/contraction.ts";
import { wholePart } from "../ir/math.ts";
import type { Affine, Ref, Stmt, Value, View } from "../ir/types.ts";
import { at, gather, spanOf, stridesOf } from "../ir/view.ts";
import { checkAttribute } from "./check.ts";

/** What pixels from outside an image are: a value, or those of the image's nearest edge. */
export type Outside = number | "edge";

/** Throws `INVALID_ARGUMENT` unless `fill` is a finite number or "edge". */
export const checkOutside = (op: string, fill: Outside): void =>
  checkAttribute(op, "fill", fill, fill === "edge" || Number.isFinite(fill), 'a finite number or "edge"');

/** The width of the border before and after an image, in pixels; the last pixel is read, with a weight of 0. */
const BEFORE = 1;
const AFTER = 2;

/** The shape of images [N,H,W,C] with a border. */
export const borderedShape = ([N, H, W, C]: Shape): Shape => [N!, H! + BEFORE + AFTER, W! + BEFORE + AFTER, C!];

/**
 * Copies images into a view with a border of one value, so that sampling needs no bounds checks. If the edge is continued,
 * the border has a weight of 0.
 */
export const withBorder = (x: View, bordered: View, outside: Outside): readonly Nest[] => [
  fill(bordered, outside === "edge" ? 0 : outside),
  eachElement(x, (index) => {
    const [n, h, w, c] = index as [Affine, Affine, Affine, Affine];
    return store(at(bordered, n, plus(h, BEFORE), plus(w, BEFORE), c), load(at(x, n, h, w, c)));
  }),
];

/** Pixels of images [N,H,W,C] by their index in the sample, which is known only at run time. */
export function pixelsOf(images: View) {
  const [sample, row, pixel] = stridesOf(images) as [number, number, number];
  const view: View = { ...images, shape: [spanOf(images) / pixel, 1, 1, pixel], halo: images.shape.map(() => [0, 0]) };
  const [top, left, channel] = images.halo.slice(1).map(([before]) => before) as [number, number, number];
  return {
    /** The index of the pixel at a row and a column. */
    number: (h: Value, w: Value): Value => addInt(mulInt(h, integer(row / pixel)), w),
    /** Channel c of the pixel `down` rows below and `right` columns right of the one with the given index. */
    at: (number: Value, n: Affine, down: number, right: number, c: Affine): Ref => {
      const first = plus(times(n, sample / pixel), ((top + down) * row) / pixel, left + right);
      return gather(view, number, first, 0, 0, plus(c, channel));
    },
  };
}

/** a + (b − a)·t */
const between = (a: Value, b: Value, t: Value): Value => fma(t, sub(b, a), a);

/**
 * Stores y[n,h,w,c] for each c: the image at a fractional row and column, bilinearly interpolated between the
 * four nearest pixels; pixels outside have the border's value or continue the edge.
 */
export function sampleBilinear(
  bordered: View,
  y: View,
  [n, h, w]: readonly [Affine, Affine, Affine],
  [row, column]: readonly [Value, Value],
  outside: Outside,
): Stmt {
  const [, H, W, C] = y.shape as [number, number, number, number];
  const [first, beyond] = outside === "edge" ? [BEFORE, BEFORE - 1] : [0, BEFORE];
  const inside = (x: Value, extent: number) =>
    max(constant(first), min(constant(extent + beyond), add(x, constant(BEFORE))));
  const pixels = pixelsOf(bordered);
  return defineEach({ row: inside(row, H), column: inside(column, W) }, (x) =>
    defineEach({ top: wholePart(x.row), left: wholePart(x.column) }, ({ top, left }) =>
      defineEach(
        {
          corner: pixels.number(top, left),
          down: sub(x.row, toFloat(top)),
          right: sub(x.column, toFloat(left)),
        },
        ({ corner, down, right }) =>
          eachChannel(C, (c) => {
            const pixel = (below: number, beside: number) => load(pixels.at(corner, n, below, beside, c));
            return defineEach({ topLeft: pixel(0, 0), bottomLeft: pixel(1, 0) }, ({ topLeft, bottomLeft }) =>
              defineEach(
                {
                  above: between(topLeft, pixel(0, 1), right),
                  below: between(bottomLeft, pixel(1, 1), right),
                },
                ({ above, below }) => store(at(y, n, h, w, c), between(above, below, down)),
              ),
            );
          }),
      ),
    ),
  );
}

/** A loop over channels, unless there is just one: then the loop over columns outside it can be vectorized. */
export const eachChannel = (C: number, body: (c: Affine) => Stmt): Stmt =>
  C === 1 ? body(plus(0)) : loop({ name: "c", extent: C }, "serial", body(axisIndex("c")));

type Image = (h: number, w: number, c: number) => number;

/** The same for plain numbers, for references. */
export function bilinearNumber(image: Image, [H, W]: readonly [number, number], outside: Outside) {
  const nearest = (i: number, extent: number) => Math.min(Math.max(i, 0), extent - 1);
  const pixel: Image = (h, w, c) => {
    if (outside === "edge") return image(nearest(h, H), nearest(w, W), c);
    return h >= 0 && h < H && w >= 0 && w < W ? image(h, w, c) : outside;
  };
  return (row: number, column: number, c: number): number => {
    const [top, left] = [Math.floor(row), Math.floor(column)];
    const [down, right] = [row - top, column - left];
    return (
      (1 - down) * ((1 - right) * pixel(top, left, c) + right * pixel(top, left + 1, c)) +
      down * ((1 - right) * pixel(top + 1, left, c) + right * pixel(top + 1, left + 1, c))
    );
  };
}

/** An image for samples of ops. It changes slowly from pixel to pixel, since errors in a position are multiplied by its slope. */
export const slopes = (shape: Shape): readonly number[] =>
  Array.from({ length: sizeOf(shape) }, (_, i) => 1 + ((i * 5) % 8) / 64);
