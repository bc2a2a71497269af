import { describe, expect, it } from "vitest";
import { enableRelaxedSimd } from "../../src/backends/node/enableRelaxedSimd.ts";
import { type Dataset, mergeDatasets, subset } from "../../src/datasets/index.ts";
import { evaluate, type TrainedModel } from "../../src/evaluation/index.ts";
import { conv2d, dense, dropout, flatten, relu } from "../../src/layers/index.ts";
import { network } from "../../src/model/index.ts";
import { constantRate, sgd } from "../../src/optimizers/index.ts";
import { notFinite } from "../../src/training/finite.ts";
import { type TrainEvent, type TrainOptions, type TrainResult, train } from "../../src/training/index.ts";
import { bars } from "./data.ts";

enableRelaxedSimd();
const spec = { input: [8, 8, 1], classes: [..."ABCD"] } as const;
const model = network(spec, [conv2d(4, 3), relu(), dropout(0.25), flatten(), dense(4)]);
const data = bars(100);
const base = { optimizer: sgd(0.1), batchSize: 8, steps: 12, validateEvery: 5 } satisfies TrainOptions;

async function eventsOf(options: TrainOptions = {}, on = data): Promise<TrainEvent[]> {
  const events: TrainEvent[] = [];
  for await (const event of train(model, on, { ...base, ...options })) events.push(event);
  return events;
}
const ofType = <T extends TrainEvent["type"]>(events: readonly TrainEvent[], type: T) =>
  events.filter((event): event is Extract<TrainEvent, { type: T }> => event.type === type);
/** Without what the clock says. */
const timeless = ({ seconds: _s, imagesPerSecond: _i, ...rest }: TrainResult) => rest;
const resultOf = async (options: TrainOptions = {}, on = data) =>
  timeless(await train(model, on, { ...base, ...options }).result());

describe("the events of a run", () => {
  it("begin with the start, end with the result, and have steps that only grow", async () => {
    const events = await eventsOf();
    expect(events[0]).toMatchObject({
      type: "start",
      steps: 12,
      batchSize: 8,
      training: 80,
      validation: 10,
      test: 10,
      backend: "wasm",
      threads: 1,
    });
    expect(events.at(-1)!.type).toBe("end");
    expect(ofType(events, "start")).toHaveLength(1);
    expect(ofType(events, "end")).toHaveLength(1);
    const progress = ofType(events, "progress");
    expect(progress.map((p) => p.step)).toEqual([...new Set(progress.map((p) => p.step))].sort((a, b) => a - b));
    expect(progress.at(-1)!.step).toBe(12);
    const losses = progress.flatMap((report) => report.losses);
    expect(losses).toHaveLength(12);
    expect(losses.at(-1)).toBe(progress.at(-1)!.loss);
    for (const p of progress) {
      expect(p.steps).toBe(12);
      expect(p.loss).toBeGreaterThan(0);
      expect(p.imagesPerSecond).toBeGreaterThan(0);
      expect(p.secondsLeft).toBeGreaterThanOrEqual(0);
    }
    expect(progress.at(-1)!.secondsLeft).toBe(0);
  });

  it.each([
    [12, 5, [0, 5, 10, 11]],
    [11, 5, [0, 5, 10]],
    [1, 50, [0]],
    [7, 0, [6]],
    [4, 1, [0, 1, 2, 3]],
    [3, 100, [0, 2]],
  ])("of %i steps, validated every %i, validate after steps %j", async (steps, validateEvery, expected) => {
    const validations = ofType(await eventsOf({ steps, validateEvery }), "validation");
    expect(validations.map((v) => v.step)).toEqual(expected);
    for (const v of validations) {
      expect(v.accuracy).toBeGreaterThanOrEqual(0);
      expect(v.accuracy).toBeLessThanOrEqual(1);
      expect(v.minibatchAccuracy * 8).toBeCloseTo(Math.round(v.minibatchAccuracy * 8), 5);
      expect(v.minibatchLoss).toBeGreaterThan(0);
    }
  });

  it("say the same of steps and scores in two runs, and other things with another seed", async () => {
    const said = async (seed: number) => ofType(await eventsOf({ seed }), "validation");
    const first = await said(3);
    expect(await said(3)).toEqual(first);
    expect(await said(4)).not.toEqual(first);
  });

  it("are given while they happen, also after a reader has left", async () => {
    const run = train(model, data, base);
    const seen: string[] = [];
    for await (const event of run) {
      seen.push(event.type);
      if (event.type === "validation") break;
    }
    expect(seen[0]).toBe("start");
    expect(seen).not.toContain("end");
    const result = await run.result();
    expect(timeless(result)).toEqual(await resultOf());
    expect(await run.result()).toBe(result);
    for await (const event of run) throw new Error(`${event.type} after the end`);
  });
});

describe("the result of a run", () => {
  it("is that of its model on its splits", async () => {
    const run = train(model, data, { ...base, steps: 60 });
    const result = await run.result();
    const trained = await run.model();
    expect(result.steps).toBe(60);
    expect(result.test.count).toBe(10);
    expect(result.validation.count).toBe(10);
    expect(result.test.accuracy).toBeGreaterThan(0.8);
    expect(result.weightsSha256).toMatch(/^[0-9a-f]{64}$/);
    expect(result.seconds).toBeGreaterThan(0);
    const start = ofType(await eventsOf(), "start")[0]!;
    expect([result.backend, result.arithmetic, result.threads]).toEqual([
      start.backend,
      start.arithmetic,
      start.threads,
    ]);
    expect((await evaluate(trained, bars(200, { stream: 2 }))).accuracy).toBeGreaterThan(0.8);
  });

  it("depends on the seed, the steps and the batch size, and not on who watches", async () => {
    const first = await resultOf();
    expect(await resultOf()).toEqual(first);
    const { best: _, ...last } = first;
    expect(await resultOf({ validateEvery: 0 })).toMatchObject(last);
    expect((await resultOf({ backend: "interpret", steps: 2 })).weightsSha256).toBe(
      (await resultOf({ steps: 2 })).weightsSha256,
    );
    const others = await Promise.all([
      resultOf({ seed: 2 }),
      resultOf({ steps: 11 }),
      resultOf({ batchSize: 9 }),
      resultOf({ optimizer: sgd(0.05) }),
    ]);
    expect(new Set([first, ...others].map((r) => r.weightsSha256)).size).toBe(5);
  });

  it("of validation with dropout differs, and of weights and test does not", async () => {
    const [on, off] = [await eventsOf({ dropoutInValidation: true }), await eventsOf()];
    const losses = (events: readonly TrainEvent[]) => ofType(events, "validation").map((v) => v.loss);
    expect(losses(on).every((loss, k) => loss !== losses(off)[k])).toBe(true);
    const [dropped, kept] = [on, off].map((events) => ofType(events, "end")[0]!.result);
    expect(dropped!.weightsSha256).toBe(kept!.weightsSha256);
    expect(dropped!.test).toEqual(kept!.test);
    expect(ofType(on, "validation").map((v) => v.minibatchLoss)).toEqual(
      ofType(off, "validation").map((v) => v.minibatchLoss),
    );
  });

  it("has the sizes of splits that were asked for", async () => {
    const [start] = ofType(await eventsOf({ split: { training: 50, validation: 7, test: 0 } }), "start");
    expect(start).toMatchObject({ training: 50, validation: 7, test: 0 });
    expect((await resultOf({ split: { training: 50, validation: 7, test: 0 } })).test).toMatchObject({
      count: 0,
      accuracy: 0,
    });
  });
});

const accuracyOn = async (trained: TrainedModel, dataset: Dataset) => {
  const { count, accuracy, interval } = await evaluate(trained, dataset);
  return { count, accuracy, interval };
};

describe("a test set of its own", () => {
  const test = bars(30, { stream: 5 });

  it("is tested whole, and all of the data trains and validates", async () => {
    const run = train(model, data, { ...base, test });
    let start: TrainEvent | undefined;
    for await (const event of run) start ??= event;
    expect(start).toMatchObject({ training: 90, validation: 10, test: 30 });
    const { test: score } = await run.result();
    expect(score).toEqual(await evaluate(await run.model(), test, { trainTestDuplicates: [] }));
  });

  it("is scored without its images that are in training too, where these are not left out", async () => {
    const both = mergeDatasets([test, subset(data, [3, 7])]);
    const first = async (run: AsyncIterable<TrainEvent>) => {
      for await (const event of run) return event;
      return undefined;
    };
    expect(await first(train(model, data, { ...base, test: both }))).toMatchObject({
      leftOut: 2,
      training: 88,
      validation: 10,
      test: 32,
    });
    const run = train(model, data, { ...base, test: both, split: { validation: 0, keepTogether: "none" } });
    const { test: score } = await run.result();
    expect([score.count, score.withoutTwins!.count]).toEqual([32, 30]);
    expect(score.withoutTwins).toMatchObject(await accuracyOn(await run.model(), test));
  });

  it("changes nothing of the training", async () => {
    const sha = async (images: number) =>
      (
        await resultOf({
          test: subset(
            test,
            Uint32Array.from({ length: images }, (_, i) => i),
          ),
        })
      ).weightsSha256;
    expect(await sha(3)).toBe(await sha(30));
  });

  it("must fit the model", async () => {
    await expect(resultOf({ test: bars(8, { size: 6 }) })).rejects.toMatchObject({
      code: "INVALID_DATA",
      message:
        "the test set has images of shape (6, 6, 1), but the model expects (8, 8, 1); resize the images or choose another model",
    });
    const other = { ...bars(8), classNames: [..."ABXD"] };
    await expect(resultOf({ test: other })).rejects.toMatchObject({
      code: "INVALID_DATA",
      message:
        "the test set has images of X, but the model knows A, B, C, D; use images of these, or train on all of them",
    });
  });

  it("has the classes of the data by name: in any order, and not all of them", async () => {
    const test = bars(8);
    const want = (await resultOf({ test })).test;
    const turned = { ...test, classNames: [..."DBAC"], labels: test.labels.map((label) => [2, 1, 3, 0][label]!) };
    expect((await resultOf({ test: turned })).test).toEqual(want);
    expect((await resultOf({ test: bars(8, { classes: 2 }) })).test.count).toBe(8);
  });
});

describe("errors of a run", () => {
  it("say that all training images are of one class", async () => {
    const one = { ...bars(40), labels: new Uint16Array(40).fill(2) };
    await expect(resultOf({}, one)).rejects.toMatchObject({
      code: "INVALID_DATA",
      message: expect.stringMatching(
        /^train: all \d+ training images are of the class "C", expected images of at least two classes$/,
      ),
    });
  });

  it("say that data do not fit the model", async () => {
    await expect(resultOf({}, bars(40, { size: 6 }))).rejects.toMatchObject({ code: "INVALID_DATA" });
    await expect(resultOf({}, bars(40, { classes: 3 }))).rejects.toMatchObject({ code: "INVALID_DATA" });
  });

  it.each([
    [{ steps: 0 }, "train: steps is 0, expected a whole number of at least 1"],
    [{ batchSize: 1.5 }, "train: batchSize is 1.5, expected a whole number of at least 1"],
    [{ seed: -1 }, "train: seed is -1, expected a whole number from 0 to 4294967295"],
    [{ seed: 2 ** 32 }, "train: seed is 4294967296, expected a whole number from 0 to 4294967295"],
    [{ validateEvery: -1 }, "train: validateEvery is -1, expected a whole number of at least 0"],
    [{ dropoutInValidation: "yes" }, 'train: dropoutInValidation is "yes", expected true or false'],
    [{ backend: "gpu" }, 'unknown back end "gpu"; known back ends: wasm, interpret'],
    [
      { split: { validation: 2.5 } },
      "train: split.validation is 2.5, expected a number of images (a whole number above 1) or a fraction (0 to 1)",
    ],
    [{ split: { validation: 60, test: 60 } }, /^split: .* of 100 images require 120/],
  ])("name the option: %j", async (options, message) => {
    const run = train(model, data, { ...base, ...(options as TrainOptions) });
    await expect(run.result()).rejects.toThrow(message);
    await expect(run.result()).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    await expect(run.model()).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  });

  it("name the step at which a loss or a weight is no longer a number", async () => {
    const failure = await resultOf({ optimizer: sgd(1e30) }).catch((error) => error);
    expect(failure).toMatchObject({
      code: "NOT_FINITE",
      message: expect.stringMatching(/^training diverged at step \d+: .*; try a smaller learning rate$/),
    });
    const step = Number(/at step (\d+)/.exec(failure.message)![1]);
    expect(step).toBeLessThan(4);
  });

  it("name the steps between which a weight went wrong that no loss shows", () => {
    expect(notFinite("w has no number", 7).message).toMatch(/^training diverged at step 7: w has no number;/);
    expect(notFinite("w has no number", 7, 70).message).toMatch(/^training diverged between steps 7 and 70: w/);
  });

  it("come to a reader of events too, and end the run", async () => {
    const run = train(model, data, { ...base, optimizer: sgd(constantRate(1e30)) });
    const read = async () => {
      for await (const event of run) expect(event.type).not.toBe("end");
    };
    await expect(read()).rejects.toMatchObject({ code: "NOT_FINITE" });
    await expect(run.result()).rejects.toMatchObject({ code: "NOT_FINITE" });
  });
});

describe("a signal", () => {
  it("stops the run soon, and says how far it came", async () => {
    const [abort, reason] = [new AbortController(), new Error("enough")];
    const run = train(model, data, { ...base, steps: 1_000_000, validateEvery: 0, signal: abort.signal });
    let steps = 0;
    const read = async () => {
      for await (const event of run)
        if (event.type === "progress") {
          steps = event.step;
          if (event.step > 20) abort.abort(reason);
        }
    };
    await expect(read()).rejects.toMatchObject({
      code: "ABORTED",
      message: expect.stringMatching(/^training was stopped after \d+ of 1000000 steps$/),
      cause: reason,
    });
    expect(steps).toBeLessThan(1000);
    await expect(run.result()).rejects.toMatchObject({ code: "ABORTED" });
  });

  it("that is there from the start ends before anything is trained", async () => {
    await expect(resultOf({ signal: AbortSignal.abort(), steps: 1_000_000 })).rejects.toMatchObject({
      code: "ABORTED",
    });
  });
});
