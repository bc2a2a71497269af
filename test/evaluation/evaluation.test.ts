import { beforeAll, describe, expect, it } from "vitest";
import type { Backend } from "../../src/backends/backend.ts";
import { interpretBackend } from "../../src/backends/interpret/backend.ts";
import { enableRelaxedSimd } from "../../src/backends/node/enableRelaxedSimd.ts";
import { subset } from "../../src/datasets/index.ts";
import { argMax, evaluate, scoreOf, TrainedModel, wilsonInterval } from "../../src/evaluation/index.ts";
import { conv2d, dense, flatten, relu } from "../../src/layers/index.ts";
import { network } from "../../src/model/index.ts";
import { sgd } from "../../src/optimizers/index.ts";
import { train } from "../../src/training/index.ts";
import { bars } from "../training/data.ts";

enableRelaxedSimd();

describe("wilsonInterval", () => {
  // By bisection of (share − p)² = z²·p(1 − p)/n, in which Wilson's interval ends.
  it.each([
    [50, 100, 0.4038315, 0.5961685],
    [916, 1000, 0.897175, 0.9316412],
    [0, 10, 0, 0.2775328],
    [10, 10, 0.7224672, 1],
    [1, 1, 0.2065493, 1],
  ])("of %i of %i is [%f, %f]", (right, count, low, high) => {
    const interval = wilsonInterval(right, count);
    expect(interval[0]).toBeCloseTo(low, 6);
    expect(interval[1]).toBeCloseTo(high, 6);
  });

  it("says nothing where nothing was counted", () => {
    expect(wilsonInterval(0, 0)).toEqual([0, 1]);
  });
});

describe("scoreOf", () => {
  const outputs = {
    logits: Float32Array.of(1, 0, 0, /**/ 0, 5, 0, /**/ 0, 2, 2, /**/ 0, 3, 4),
    losses: Float32Array.of(0.5, 0.25, 1, 0.25),
    correct: Float32Array.of(1, 1, 0, 0),
  };

  it("counts right answers, and labels by answers", () => {
    const score = scoreOf(outputs, [0, 1, 2, 0], 3);
    expect(score).toEqual({
      count: 4,
      accuracy: 0.5,
      interval: wilsonInterval(2, 4),
      loss: 0.5,
      confusion: [
        [1, 0, 1],
        [0, 1, 0],
        [0, 1, 0],
      ],
    });
  });

  it("computes the accuracy without train/test duplicates", () => {
    const { accuracy, withoutTwins } = scoreOf(outputs, [0, 1, 2, 0], 3, [true, false, false, false]);
    expect([accuracy, withoutTwins]).toEqual([0.5, { count: 3, accuracy: 1 / 3, interval: wilsonInterval(1, 3) }]);
    expect(scoreOf(outputs, [0, 1, 2, 0], 3, [true, true, true, true]).withoutTwins!.count).toBe(0);
  });

  it("of no images does not divide by zero", () => {
    const none = { logits: new Float32Array(), losses: new Float32Array(), correct: new Float32Array() };
    expect(scoreOf(none, [], 2)).toMatchObject({ count: 0, accuracy: 0, loss: 0, interval: [0, 1] });
  });

  it("takes the first of equal logits, as the engine does", () => {
    expect([argMax([2, 2, 1]), argMax([-3, -2, -2]), argMax([1])]).toEqual([0, 1, 0]);
  });
});

describe("a trained model", () => {
  const model = network({ input: [8, 8, 1], classes: [..."ABCD"] }, [conv2d(4, 3), relu(), flatten(), dense(4)]);
  const data = bars(160);
  const fresh = bars(41, { stream: 1 });
  let trained: TrainedModel;
  beforeAll(async () => {
    trained = await train(model, data, { steps: 60, optimizer: sgd(0.1), validateEvery: 0 }).model();
  });
  const image = (n: number) => fresh.images.slice(n * 64, (n + 1) * 64);

  it("scores images that it has not seen, on any back end, and any rows of them", async () => {
    const score = await evaluate(trained, fresh);
    expect(score.count).toBe(41);
    expect(score.accuracy).toBeGreaterThan(0.9);
    expect(score.confusion.map((answers) => answers.reduce((a, b) => a + b))).toEqual([11, 10, 10, 10]);
    expect(score.confusion.reduce((sum, answers, label) => sum + answers[label]!, 0) / 41).toBe(score.accuracy);
    const rows = [3, 17, 40];
    const some = await evaluate(trained, fresh, { rows, backend: "interpret" });
    expect(some).toEqual(await evaluate(trained, subset(fresh, rows)));
    expect(some.count).toBe(3);
  });

  it("refuses rows that are not there", async () => {
    for (const rows of [[41], [-1], [0.5], [Number.NaN]])
      await expect(evaluate(trained, fresh, { rows })).rejects.toMatchObject({
        code: "INVALID_ARGUMENT",
        message: `evaluate: row ${rows[0]} is out of range, expected 0 to 40`,
      });
  });

  it("ranks all classes by probability", async () => {
    for (let n = 0; n < 8; n++) {
      const { label, probability, ranking } = await trained.predict(image(n));
      expect(label).toBe("ABCD"[n % 4]);
      expect(ranking[0]).toEqual({ label, probability });
      expect(ranking.map((r) => r.label).sort()).toEqual([..."ABCD"]);
      expect(ranking.reduce((sum, r) => sum + r.probability, 0)).toBeCloseTo(1, 12);
      const probabilities = ranking.map((r) => r.probability);
      expect(probabilities).toEqual(probabilities.toSorted((a, b) => b - a));
    }
  });

  it("predicts after a failure that has passed", async () => {
    let failures = 1;
    const backend: Backend = {
      ...interpretBackend,
      async load(code, memory) {
        if (failures-- > 0) throw new Error("no memory for now");
        return interpretBackend.load(code, memory);
      },
    };
    const model = new TrainedModel(trained.model, trained.weights, backend);
    const image = data.images.subarray(0, 64);
    await expect(model.predict(image)).rejects.toThrow("no memory for now");
    expect(await model.predict(image)).toMatchObject({ label: expect.stringMatching(/[A-D]/) });
  });

  it("answers as it is scored: its mean loss is that of its probabilities at a temperature of 1", async () => {
    const one = await evaluate(trained, fresh, { rows: [5] });
    const { ranking } = await new TrainedModel(model, trained.weights).predict(image(5));
    expect(one.loss).toBeCloseTo(-Math.log(ranking.find((r) => r.label === "B")!.probability), 5);
  });

  it("takes images in every form, several at once, on the interpreter too", async () => {
    const want = await trained.predict(image(6));
    const data8 = image(6);
    const forms = [
      new Uint8ClampedArray(data8),
      { width: 8, height: 8, data: data8 },
      { width: 8, height: 8, channels: 1, data: new Uint8ClampedArray(data8) },
    ];
    expect(await Promise.all(forms.map((form) => trained.predict(form)))).toEqual([want, want, want]);
    const { weights, calibration } = trained;
    const interpreted = new TrainedModel(model, weights, interpretBackend, undefined, calibration);
    expect(await interpreted.predict(data8)).toEqual(want);
    const both = await Promise.all([6, 7].map((n) => trained.predict(image(n))));
    expect(both.map((p) => p.label)).toEqual(["C", "D"]);
  });

  it.each([
    [new Uint8Array(63), /^predict: the image has 63 bytes, expected \(8, 8, 1\): height, width, channels/],
    [new Uint8Array(192), /^predict: the image has 192 bytes, expected \(8, 8, 1\)/],
    [{ width: 8, height: 8, channels: 1, data: new Uint8Array(63) }, /^picture: it has 63 bytes for a height of 8/],
  ])("refuses bytes that do not fit a size", async (wrong, message) => {
    await expect(trained.predict(wrong)).rejects.toThrow(message);
    await expect(trained.predict(wrong)).rejects.toMatchObject({ code: "INVALID_SHAPE" });
  });

  it("takes classes by name: in another order, only some of them, or written in another Unicode form", async () => {
    const want = await evaluate(trained, fresh);
    const turned = { ...fresh, classNames: [..."DBAC"], labels: fresh.labels.map((label) => [2, 1, 3, 0][label]!) };
    expect(await evaluate(trained, turned)).toEqual(want);
    const rows = [...fresh.labels.keys()].filter((row) => fresh.labels[row] !== 1);
    const some = subset(
      { ...fresh, labels: fresh.labels.map((label) => [0, 0, 1, 2][label]!), classNames: [..."ACD"] },
      rows,
    );
    const score = await evaluate(trained, some);
    expect(score).toEqual(await evaluate(trained, fresh, { rows }));
    expect(score.confusion[3]!.reduce((sum, n) => sum + n)).toBeGreaterThan(0);
    const accented = new TrainedModel({ ...model, classes: ["e\u0301", "B", "C", "D"] }, trained.weights);
    expect(await evaluate(accented, { ...fresh, classNames: ["\u00e9", " B", "C", "D"] })).toEqual(want);
  });

  it("refuses data sets of another size, or with other classes", async () => {
    await expect(evaluate(trained, bars(8, { size: 6 }))).rejects.toMatchObject({
      code: "INVALID_DATA",
      message:
        "the data set has images of shape (6, 6, 1), but the model expects (8, 8, 1); resize the images or choose another model",
    });
    await expect(evaluate(trained, { ...fresh, classNames: [..."ABXY"] })).rejects.toMatchObject({
      code: "INVALID_DATA",
      message: "bars has images of X, Y, but the model knows A, B, C, D; use images of these, or train on all of them",
    });
  });
});
