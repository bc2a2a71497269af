import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  type InitializerConfig,
  lecunNormal,
  normal,
  orthogonal,
  truncatedNormal,
  uniform,
} from "../../src/layers/index.ts";
import { initialValues } from "../../src/layers/initializers/registry.ts";

/** Made by make.py with PyTorch, of kernels of 256 inputs and 1024 outputs. */
const reference = JSON.parse(readFileSync(new URL("initializers.json", import.meta.url), "utf8")) as Readonly<
  Record<string, { readonly mean: number; readonly deviation: number; readonly greatest: number }>
>;
const initializers: Readonly<Record<string, InitializerConfig>> = {
  normal: normal({ mean: 0.5 }),
  uniform: uniform({ minval: -0.1, maxval: 0.1 }),
  truncatedNormal: truncatedNormal({ mean: 0.5 }),
  heNormal: heNormal(),
  heUniform: heUniform(),
  glorotNormal: glorotNormal(),
  glorotUniform: glorotUniform(),
  lecunNormal: lecunNormal(),
  orthogonal: orthogonal({ gain: 2 }),
};

it.each(Object.keys(reference))("%s has the moments of PyTorch's", (name) => {
  const values = Float64Array.from(initialValues(initializers[name]!, [256, 1024], 1, 0));
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length);
  const want = reference[name]!;
  // Both are samples of 2^18 numbers: their means differ by about 0.003 deviations, their deviations by 0.2 %.
  expect(Math.abs(mean - want.mean)).toBeLessThan(0.012 * want.deviation);
  expect(Math.abs(deviation / want.deviation - 1)).toBeLessThan(0.01);
  const hasLimit = name !== "normal" && name !== "orthogonal";
  if (hasLimit) expect(values.reduce((a, b) => Math.max(a, Math.abs(b)), 0) / want.greatest).toBeCloseTo(1, 2);
});

describe("orthogonal", () => {
  /** Products of all pairs of vectors: rows, or columns, of a matrix. */
  const products = (count: number, length: number, at: (vector: number, i: number) => number) =>
    Array.from({ length: count * count }, (_, pair) => {
      const [a, b] = [Math.floor(pair / count), pair % count];
      return Array.from({ length }, (_, i) => at(a, i) * at(b, i)).reduce((x, y) => x + y, 0) - (a === b ? 1 : 0);
    });

  it("has orthonormal columns where there are more inputs, over all of the window", () => {
    const w = initialValues(orthogonal(), [3, 3, 4, 20], 1, 0);
    const errors = products(20, 36, (column, row) => w[row * 20 + column]!);
    expect(Math.max(...errors.map(Math.abs))).toBeLessThan(1e-6);
  });

  it("has orthonormal rows where there are more outputs", () => {
    const w = initialValues(orthogonal(), [8, 20], 1, 0);
    const errors = products(8, 20, (row, column) => w[row * 20 + column]!);
    expect(Math.max(...errors.map(Math.abs))).toBeLessThan(1e-6);
  });
});

it.each([
  [() => uniform({ minval: 1, maxval: 1 }), "uniform: maxval is 1, expected a number above minval, which is 1"],
  [() => uniform({ minval: 1 }), "uniform: maxval is 0.05, expected a number above minval, which is 1"],
  [() => normal({ stddev: 0 }), "normal: stddev is 0, expected a number above 0"],
  [() => orthogonal({ gain: -1 }), "orthogonal: gain is -1, expected a number above 0"],
])("%s is refused", (call, message) => {
  expect(call).toThrow(message);
});
