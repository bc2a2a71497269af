import { describe, expect, it } from "vitest";
import { constant, glorotUniform, ones, truncatedNormal, zeros } from "../../src/layers/index.ts";
import { initialValues } from "../../src/layers/initializers/registry.ts";

const moments = (values: Float32Array) => {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(variance) };
};

describe("truncatedNormal", () => {
  const values = initialValues(truncatedNormal({ stddev: 0.1 }), [20_000], 1, 0);

  it("is redrawn beyond two deviations, not clipped to them", () => {
    expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(Math.fround(0.2));
    expect(values.filter((x) => Math.abs(x) > 0.1999).length).toBeLessThan(20);
    expect(Math.max(...values)).toBeGreaterThan(0.19);
    expect(Math.min(...values)).toBeLessThan(-0.19);
  });

  it("has the moments of the distribution: mean 0, standard deviation 0.8796 times the untruncated one", () => {
    const { mean, deviation } = moments(values);
    expect(Math.abs(mean)).toBeLessThan(0.002);
    expect(Math.abs(deviation - 0.08796)).toBeLessThan(0.001);
    // 68.3 % of a normal distribution is within one standard deviation; of the part within two, 71.5 %.
    expect(Math.abs(values.filter((x) => Math.abs(x) < 0.1).length / values.length - 0.715)).toBeLessThan(0.01);
  });

  it("shifts with its mean", () => {
    const moved = initialValues(truncatedNormal({ mean: 3, stddev: 0.1 }), [20_000], 1, 0);
    expect(moments(moved).mean).toBeCloseTo(3, 2);
  });
});

describe("glorotUniform", () => {
  it.each([
    [[64, 10], Math.sqrt(6 / 74)],
    [[5, 5, 3, 16], Math.sqrt(6 / (25 * 19))],
  ])("of a kernel %j lies within ±%f and fills it evenly", (shape, limit) => {
    const values = initialValues(glorotUniform(), shape, 2, 0);
    expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(Math.fround(limit));
    expect(Math.max(...values.map(Math.abs))).toBeGreaterThan(0.98 * limit);
    const { mean, deviation } = moments(values);
    expect(Math.abs(mean)).toBeLessThan(0.1 * limit);
    expect(deviation / (limit / Math.sqrt(3))).toBeCloseTo(1, 1);
  });
});

describe("initialValues", () => {
  it("depend on seed, parameter and element only", () => {
    const draw = (seed: number, stream: number) => initialValues(truncatedNormal(), [40], seed, stream);
    expect(draw(1, 2)).toEqual(draw(1, 2));
    expect(draw(2, 2)).not.toEqual(draw(1, 2));
    expect(draw(1, 3)).not.toEqual(draw(1, 2));
    expect(initialValues(truncatedNormal(), [80], 1, 2).slice(0, 40)).toEqual(draw(1, 2));
    expect(new Set(draw(1, 2)).size).toBe(40);
  });

  it("are constant for a constant", () => {
    const three = (config: Parameters<typeof initialValues>[0]) => [...initialValues(config, [3], 1, 0)];
    expect([zeros(), ones(), constant(-2.5)].map(three)).toEqual([
      [0, 0, 0],
      [1, 1, 1],
      [-2.5, -2.5, -2.5],
    ]);
  });
});
