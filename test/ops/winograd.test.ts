import fc from "fast-check";
import { expect, it } from "vitest";
import { tileSize, winograd } from "../../src/ops/winograd.ts";

type Vector = readonly number[];
const apply = (matrix: readonly Vector[], x: Vector) =>
  matrix.map((row) => row.reduce((sum, c, k) => sum + c * x[k]!, 0));
const transposed = (matrix: readonly Vector[]) => matrix[0]!.map((_, k) => matrix.map((row) => row[k]!));
const whole = (length: number) => fc.array(fc.integer({ min: -99, max: 99 }), { minLength: length, maxLength: length });

it.each([
  [2, 3],
  [4, 3],
  [2, 5],
  [4, 5],
  [1, 2],
])("F(%i, %i) is a convolution along one axis", (m, r) => {
  const { input, kernel, output } = winograd(m, r);
  expect([input, kernel, output].map((matrix) => [matrix.length, matrix[0]!.length])).toEqual(
    [m + r - 1, r, m].map((columns) => [m + r - 1, columns]),
  );
  fc.assert(
    fc.property(whole(m + r - 1), whole(r), (x, w) => {
      const [v, u] = [apply(input, x), apply(kernel, w)];
      const y = apply(
        transposed(output),
        v.map((value, p) => value * u[p]!),
      );
      for (const [k, value] of y.entries())
        expect(value).toBeCloseTo(
          w.reduce((sum, tap, t) => sum + tap * x[k + t]!, 0),
          6,
        );
    }),
    { seed: 1 },
  );
});

it("chooses the tile that needs the fewest multiplications, and the smaller one of equals", () => {
  expect([28, 14, 7, 4, 2, 1].map((outputs) => tileSize(outputs, 3))).toEqual([4, 4, 4, 4, 2, 2]);
  expect([28, 14, 7, 4, 2, 1].map((outputs) => tileSize(outputs, 5))).toEqual([4, 4, 4, 4, 2, 2]);
  expect(tileSize(6, 3)).toBe(2);
});
