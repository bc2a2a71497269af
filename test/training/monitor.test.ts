import { describe, expect, it } from "vitest";
import { enableRelaxedSimd } from "../../src/backends/node/enableRelaxedSimd.ts";
import { evaluate } from "../../src/evaluation/index.ts";
import { batchNormalization, conv2d, dense, flatten, relu } from "../../src/layers/index.ts";
import { network } from "../../src/model/index.ts";
import { reduceOnPlateau, sgd } from "../../src/optimizers/index.ts";
import { decodeCheckpoint, encodeCheckpoint } from "../../src/runs/checkpointFile.ts";
import { type Checkpoint, type TrainOptions, weightsSha256 } from "../../src/training/index.ts";
import { Monitor, type MonitorOptions } from "../../src/training/monitor.ts";
import { bars } from "./data.ts";
import { followTraining } from "./followTraining.ts";

enableRelaxedSimd();
const optimizer = sgd(0.1);

/** The scores of some validations, every 10 steps, and what came of each. */
function follow(accuracies: readonly number[], options: Omit<MonitorOptions, "optimizer">) {
  const monitor = new Monitor({ optimizer, ...options });
  const best: boolean[] = [];
  for (const [k, accuracy] of accuracies.entries()) {
    if (monitor.stopsEarly) break;
    best.push(monitor.record(10 * (k + 1), { accuracy, loss: 1 - accuracy }));
  }
  return { monitor, best };
}

describe("a monitor", () => {
  const accuracies = [0.5, 0.6, 0.6, 0.55, 0.61, 0.6, 0.6, 0.6, 0.9];

  it.each(["accuracy", "loss"] as const)("knows the first of the best, by the %s", (monitor) => {
    const { best, monitor: last } = follow(accuracies, { monitor });
    expect(best).toEqual([true, true, false, false, true, false, false, false, true]);
    expect(last.state.best).toEqual({ step: 90, accuracy: 0.9, loss: 1 - 0.9 });
    expect(last.stopsEarly).toBe(false);
  });

  it.each([
    [{ patience: 3 }, 8],
    [{ patience: 2 }, 4],
    [{ patience: 4 }, 9],
    [{ patience: 1 }, 3],
    [{ patience: 3, minDelta: 0.05 }, 5],
  ])("with %j stops after validation %i, as Keras does", (earlyStopping, validations) => {
    const { best, monitor } = follow(accuracies, { monitor: "accuracy", earlyStopping });
    expect(best).toHaveLength(validations);
    expect(monitor.stopsEarly).toBe(validations < accuracies.length);
  });

  it("keeps the best weights also where they are better by less than minDelta", () => {
    const { best } = follow([0.5, 0.51, 0.52], { monitor: "accuracy", earlyStopping: { patience: 9, minDelta: 0.1 } });
    expect(best).toEqual([true, true, true]);
  });

  it("counts a validation once, though it is done again after a resume", () => {
    const options = { monitor: "accuracy", earlyStopping: { patience: 2 } } as const;
    const { monitor } = follow([0.5, 0.4], options);
    const again = new Monitor({ optimizer, ...options }, JSON.parse(JSON.stringify(monitor.state)));
    expect(again.record(20, { accuracy: 0.4, loss: 0.6 })).toBe(false);
    expect(again.state).toEqual(monitor.state);
    expect([again.stopsEarly, again.mayStop]).toEqual([false, true]);
  });
});

const model = network({ input: [8, 8, 1], classes: [..."ABCD"] }, [
  conv2d(3, 3, { useBias: false }),
  batchNormalization({ momentum: 0.5 }),
  relu(),
  flatten(),
  dense(4),
]);
const data = bars(160);
const base = {
  batchSize: 8,
  steps: 200,
  validateEvery: 5,
  checkpointEvery: 0,
  split: { validation: 40, test: 40 },
  optimizer: sgd(reduceOnPlateau(0.01, { monitor: "loss", patience: 0, factor: 0.5, threshold: 0.1 }), {
    averageDecay: 0.5,
  }),
  earlyStopping: { patience: 3 },
} satisfies TrainOptions;

async function run(options: TrainOptions = {}) {
  const {
    run: training,
    checkpoints,
    validations,
    result: all,
  } = await followTraining(model, data, { ...base, ...options });
  const { seconds: _s, imagesPerSecond: _i, ...result } = all;
  return { training, result, checkpoints, validations };
}
const throughFile = async (checkpoint: Checkpoint) => decodeCheckpoint(await encodeCheckpoint(checkpoint));

describe("a training that stops early", () => {
  it("has waited as long as it may, and keeps the best weights beside the last", async () => {
    const { training, result, validations } = await run();
    expect(result.stoppedEarly).toBe(true);
    expect(result.steps).toBeLessThan(200);
    expect(validations.slice(-4).map(({ isBest }) => isBest)).toEqual([true, false, false, false]);
    expect(validations.at(-1)!.step).toBe(result.steps - 1);
    const best = await training.model("best");
    expect(result.best).toMatchObject({ step: validations.at(-4)!.step + 1, accuracy: validations.at(-4)!.accuracy });
    expect(result.best!.weightsSha256).toBe(await weightsSha256(best.weights));
    expect(result.best!.weightsSha256).not.toBe(result.weightsSha256);
    expect(await weightsSha256((await training.model()).weights)).toBe(result.weightsSha256);
  });

  it("gives the best weights of the training that ends there", async () => {
    const { result } = await run();
    const { step, weightsSha256: expected, test } = result.best!;
    const { result: shorter } = await run({ steps: step });
    expect(shorter.weightsSha256).toBe(expected);
    expect(shorter.test).toEqual(test);
    const { training } = await run();
    const whole = await evaluate(await training.model("best"), data);
    expect(whole.count).toBe(160);
  });

  it("ends the same from every checkpoint, with learning rates that follow validations", async () => {
    const undisturbed = await run();
    expect(undisturbed.checkpoints.at(-1)!.step).toBe(undisturbed.result.steps);
    const rates = new Set(undisturbed.checkpoints.map(({ monitor }) => monitor!.schedule["learningRate"]));
    expect(rates.size).toBeGreaterThan(2);
    for (const checkpoint of undisturbed.checkpoints) {
      const resumed = await run({ resume: await throughFile(checkpoint) });
      expect(resumed.result).toEqual(undisturbed.result);
      expect(resumed.validations).toEqual(undisturbed.validations.filter(({ step }) => step >= checkpoint.step - 1));
    }
  });

  it("goes on where it may wait longer, as one that might from the start", async () => {
    const { checkpoints } = await run();
    const earlyStopping = { patience: 6 };
    const longer = await run({ earlyStopping, resume: checkpoints.at(-1)! });
    expect(longer.result).toEqual((await run({ earlyStopping })).result);
  });
});

describe("a training that follows validations", () => {
  it("refuses a checkpoint whose validations were others", async () => {
    const { checkpoints } = await run();
    await expect(run({ validateEvery: 4, resume: checkpoints[0]! })).rejects.toMatchObject({
      code: "INVALID_DATA",
      message: expect.stringContaining("validation.every was 5, but is now 4"),
    });
    await expect(run({ optimizer: sgd(0.1), resume: checkpoints[0]! })).rejects.toMatchObject({ code: "INVALID_DATA" });
  });

  it.each([
    [{ validateEvery: 0 }, "train: earlyStopping depends on validations, but validateEvery is 0; set it to at least 1"],
    [
      { earlyStopping: undefined, split: { validation: 0 } },
      "train: the learning rate schedule depends on validations, but there are no validation images; make split.validation larger",
    ],
    [{ earlyStopping: { patience: 0 } }, "train: earlyStopping.patience is 0, expected a whole number of at least 1"],
    [{ monitor: "error" }, 'train: monitor is "error", expected "accuracy" or "loss"'],
  ])("refuses %j", async (options, message) => {
    await expect(run(options as TrainOptions)).rejects.toMatchObject({ code: "INVALID_ARGUMENT", message });
  });
});

it("a training without validation images has no best weights", async () => {
  const { result, training } = await run({
    ...{ optimizer, steps: 10, split: { validation: 0 } },
    earlyStopping: undefined as never,
  });
  expect(result.best).toBeUndefined();
  await expect(training.model("best")).rejects.toMatchObject({ code: "NOT_FOUND" });
});
