import { describe, expect, it } from "vitest";
import { enableRelaxedSimd } from "../../src/backends/node/enableRelaxedSimd.ts";
import { conv2d, dense, dropout, flatten, relu } from "../../src/layers/index.ts";
import { network } from "../../src/model/index.ts";
import { reduceOnPlateau, sgd } from "../../src/optimizers/index.ts";
import { drawSweep } from "../../src/report/drawSweep.ts";
import { evaluateSweep } from "../../src/training/findLearningRate.ts";
import { findLearningRate } from "../../src/training/index.ts";
import { bars } from "./data.ts";

enableRelaxedSimd();
const model = network({ input: [8, 8, 1], classes: [..."ABCD"] }, [
  conv2d(4, 3),
  relu(),
  dropout(0.25),
  flatten(),
  dense(4),
]);
const data = bars(100);
const rateAt = (step: number) => 10 ** (step / 10 - 5);

describe("a sweep of learning rates", () => {
  it("is lowest where the smoothed loss is, and suggests a tenth of that", () => {
    const losses = Array.from({ length: 60 }, (_, step) => (step < 40 ? 3 - step / 20 : 1 + (step - 40)));
    const { points, lowest, suggestion } = evaluateSweep(losses, rateAt);
    expect(points).toHaveLength(60);
    expect(points[0]).toEqual({ learningRate: expect.closeTo(1e-5, 12), loss: 3, smoothedLoss: expect.closeTo(3, 12) });
    // The weights of the first two losses are 0.9 and 1, over their sum.
    expect(points[1]!.smoothedLoss).toBeCloseTo((0.9 * 3 + 2.95) / 1.9, 12);
    const least = Math.min(...points.map((p) => p.smoothedLoss));
    expect(lowest).toBe(points.find((p) => p.smoothedLoss === least)!.learningRate);
    expect(lowest).toBeGreaterThanOrEqual(rateAt(39));
    expect(lowest).toBeLessThan(rateAt(44));
    expect(suggestion).toBeCloseTo(lowest / 10, 12);
  });

  it("does not trust its first few losses", () => {
    const losses = [0.1, ...new Array(20).fill(2), 1.5, ...new Array(5).fill(3)];
    expect(evaluateSweep(losses, rateAt).lowest).toBeGreaterThanOrEqual(rateAt(5));
  });

  it("grows by the same factor from step to step, and ends where the loss explodes", async () => {
    const { points, lowest } = await findLearningRate(model, data, { batchSize: 8, steps: 200, from: 1e-4, to: 1e6 });
    for (const [k, { learningRate }] of points.entries())
      expect(learningRate).toBeCloseTo(1e-4 * 1e10 ** (k / 199), -Math.floor(Math.log10(learningRate)) + 8);
    expect(points.length).toBeGreaterThan(20);
    expect(points.length).toBeLessThan(200);
    expect(lowest).toBeGreaterThan(1e-3);
    expect(lowest).toBeLessThan(100);
  });

  it("is the same each time, and another one with another seed or optimizer", async () => {
    const sweep = (options: object) => findLearningRate(model, data, { batchSize: 8, steps: 40, ...options });
    const first = await sweep({ seed: 3 });
    expect(await sweep({ seed: 3, threads: 1, optimizer: sgd(reduceOnPlateau(0.5)) })).toEqual(first);
    expect(await sweep({ seed: 4 })).not.toEqual(first);
    expect(await sweep({ seed: 3, optimizer: sgd(1, { momentum: 0.9 }) })).not.toEqual(first);
  });

  it.each([
    [{ steps: 5 }, "INVALID_ARGUMENT", "findLearningRate: steps is 5, expected at least 20 steps"],
    [{ from: 1, to: 0.1 }, "INVALID_ARGUMENT", "findLearningRate: from is 1, expected less than to, which is 0.1"],
    [{ from: 1e30, to: 1e35 }, "NOT_FINITE", /^training diverged at step \d: .*; try a smaller learning rate$/],
    [{ signal: AbortSignal.abort() }, "ABORTED", "the sweep was stopped"],
  ])("with %j is refused", async (options, code, message) => {
    const failure = await findLearningRate(model, data, { batchSize: 8, ...options }).catch((error) => error);
    expect(failure).toMatchObject({ code });
    expect(failure.message).toMatch(message);
  });
});

describe("the drawing of a sweep", () => {
  const losses = Array.from({ length: 50 }, (_, step) => (step < 40 ? 3 - step / 20 : 100 * step));
  const svg = drawSweep(evaluateSweep(losses, rateAt));

  it("has both lines, a tick for each power of ten, and the suggestion", () => {
    expect(svg.match(/<polyline/g)).toHaveLength(2);
    for (const tick of ["1e-5", "0.0001", "0.001", "0.01"]) expect(svg).toContain(`>${tick}</text>`);
    expect(svg).toMatch(/>suggestion 0\.00\d+</);
    expect(svg).toMatch(/>lowest 0\.0\d+</);
  });

  it("keeps losses that explode within it", () => {
    const places = [...svg.matchAll(/points="([^"]*)"/g)].flatMap(([, points]) => points!.split(/[ ,]/).map(Number));
    expect(places.every((place, k) => place >= 0 && place <= (k % 2 === 0 ? 720 : 420))).toBe(true);
  });
});
