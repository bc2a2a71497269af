import { describe, expect, it } from "vitest";
import { enableRelaxedSimd } from "../../src/backends/node/enableRelaxedSimd.ts";
import { TrainedModel } from "../../src/evaluation/index.ts";
import { batchNormalization, conv2d, dense, flatten, relu, softmax } from "../../src/layers/index.ts";
import { buildGraph, initialWeights, type Model, network } from "../../src/model/index.ts";
import { sgd } from "../../src/optimizers/index.ts";
import { type TrainOptions, weightsSha256 } from "../../src/training/index.ts";
import { initializeFrom } from "../../src/training/initialize.ts";
import { bars } from "./data.ts";
import { followTraining } from "./followTraining.ts";

enableRelaxedSimd();
const spec = { input: [8, 8, 1], classes: [..."ABCD"] } as const;
const layers = (filters = 3, classes = 4) => [
  conv2d(filters, 3, { name: "first" }),
  batchNormalization({ name: "normal" }),
  relu(),
  flatten(),
  dense(classes, { name: "last" }),
];
const model = network(spec, layers());
const weightsOf = (of: Model, seed: number) => initialWeights(buildGraph(of, 1, false).weights, seed);
const other = (of: Model = model) => new TrainedModel(of, weightsOf(of, 2));
const from = (of: Model, source: TrainedModel) =>
  initializeFrom(of, buildGraph(of, 1, false).weights, weightsOf(of, 1), source);

describe("first weights from another model", () => {
  it("are all of them, states too, where the models are the same", () => {
    const { weights, ...said } = from(model, other());
    expect(weights).toEqual(other().weights);
    expect([...weights.keys()]).toContain("normal.movingVariance");
    expect(said).toEqual({ taken: ["first", "normal", "last"], fresh: [], unused: [] });
  });

  it.each([
    ["names", ["A", "B", "C", "E"]],
    ["an order", ["B", "A", "C", "D"]],
  ])("leave out the layer of the logits where the classes have other %s", (_, classes) => {
    const target = network({ ...spec, classes }, [...layers(), softmax()]);
    const { weights, taken, fresh } = from(target, other());
    expect(taken).toEqual(["first", "normal"]);
    expect(fresh).toEqual([{ layer: "last", reason: "the classes differ" }]);
    expect(weights.get("last.kernel")).toEqual(weightsOf(target, 1).get("last.kernel"));
    expect(weights.get("first.kernel")).toEqual(other().weights.get("first.kernel"));
  });

  it("leave out a layer as a whole where a shape differs", () => {
    const target = network({ ...spec, classes: ["A", "B"] }, layers(3, 2));
    const { weights, fresh } = from(target, other());
    expect(fresh).toEqual([{ layer: "last", reason: "last.kernel has shape (108, 4) there, but (108, 2) here" }]);
    expect(weights.get("last.bias")).toHaveLength(2);
  });

  it("name what is in one of the models only, and what is of another type or has no such weight", () => {
    const target = network(spec, [
      conv2d(3, 3, { name: "first" }),
      conv2d(3, 1, { name: "normal" }),
      conv2d(3, 1, { name: "new" }),
      flatten(),
      dense(4, { name: "last" }),
    ]);
    const source = network(spec, [
      ...layers().slice(0, -1),
      dense(9, { name: "more" }),
      dense(4, { useBias: false, name: "last" }),
    ]);
    const { taken, fresh, unused } = from(target, other(source));
    expect(taken).toEqual(["first"]);
    expect(fresh).toEqual([
      { layer: "normal", reason: "it has type batchNormalization there" },
      { layer: "new", reason: "the other model has no such layer" },
      { layer: "last", reason: "last.kernel has shape (9, 4) there, but (108, 4) here" },
    ]);
    expect(unused).toEqual(["more"]);
  });

  it("are refused where nothing fits", () => {
    const target = network(spec, [flatten(), dense(4, { name: "only" })]);
    expect(() => from(target, other())).toThrow(
      expect.objectContaining({
        code: "INVALID_DATA",
        message:
          "initFrom: no layer matches: only (the other model has no such layer); the other model has weights in first, normal, last",
      }),
    );
  });
});

describe("a training from another model's weights", () => {
  const data = bars(80);
  const base = {
    batchSize: 8,
    steps: 10,
    validateEvery: 0,
    checkpointEvery: 0,
    optimizer: sgd(0.05, { averageDecay: 0.5 }),
  };
  async function trained(options: TrainOptions) {
    const { start, checkpoints, result } = await followTraining(model, data, { ...base, ...options });
    return { start, checkpoints, sha: result.weightsSha256 };
  }

  it("says what it took, records its first weights, and ends with others than without", async () => {
    const { start, sha } = await trained({ initFrom: other() });
    expect(start.initialization).toMatchObject({ taken: ["first", "normal", "last"], fresh: [] });
    expect(start.identity.initialWeights).toBe(await weightsSha256(other().weights));
    expect((await trained({ initFrom: other() })).sha).toBe(sha);
    const without = await trained({});
    expect(without.sha).not.toBe(sha);
    expect("initialWeights" in without.start.identity).toBe(false);
  });

  it("goes on from a checkpoint, with or without the first weights, and refuses others", async () => {
    const { checkpoints, sha } = await trained({ initFrom: other() });
    const resume = checkpoints[0]!;
    expect((await trained({ resume })).sha).toBe(sha);
    expect((await trained({ resume, initFrom: other() })).sha).toBe(sha);
    const initFrom = new TrainedModel(model, weightsOf(model, 3));
    await expect(trained({ resume, initFrom })).rejects.toMatchObject({
      code: "INVALID_DATA",
      message: expect.stringMatching(/the initial weights differ \(their checksum was \w{12}…, but is now \w{12}…\)/),
    });
  });
});
