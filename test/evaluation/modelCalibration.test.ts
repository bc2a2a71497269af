import { describe, expect, it } from "vitest";
import { philox, toUnit } from "../../src/base/philox.ts";
import { answerFor } from "../../src/evaluation/classify.ts";
import { decisionsOf } from "../../src/evaluation/decisions.ts";
import {
  answerThreshold,
  calibrateModel,
  conformalThreshold,
  coverageCurve,
  fitScaling,
  fitTemperature,
  probabilitiesOf,
  scoreSets,
  setThresholdFor,
  thresholdFor,
} from "../../src/evaluation/index.ts";
import { parseCalibration } from "../../src/evaluation/parseCalibration.ts";
import { predictionOf } from "../../src/evaluation/prediction.ts";
import { UNSCALED } from "../../src/evaluation/softmax.ts";
import { decodeModel, dense, encodeModel, flatten, network, train } from "../../src/index.ts";
import { calibrated, randomFrom, randomWeights } from "../export/networks.ts";
import { bars } from "../training/data.ts";

/** Logits and labels of n images whose labels are drawn from softmax(logits / 2). */
function validation(n: number, seed = 1, classes = 4) {
  const uniform = (a: number, b: number) => toUnit(philox([seed, 99], [a, b, 0, 0])[0]);
  const logits = Float32Array.from({ length: n * classes }, (_, i) => 30 * (uniform(i, 0) - 0.5));
  const { probabilities } = probabilitiesOf(logits, new Uint8Array(n), classes, { temperature: 2 });
  const labels = Uint16Array.from({ length: n }, (_, i) => {
    let left = uniform(i, 1);
    for (let k = 0; k < classes - 1; k++) if ((left -= probabilities[i * classes + k]!) < 0) return k;
    return classes - 1;
  });
  return { logits, labels, classes };
}
const calibrationOf = (...args: Parameters<typeof validation>) => {
  const { logits, labels, classes } = validation(...args);
  return calibrateModel(logits, labels, classes)!;
};

describe("the calibration that is kept with a model", () => {
  const { logits, labels, classes } = validation(1500);
  const calibration = calibrationOf(1500);
  const probabilities = probabilitiesOf(logits, labels, classes, calibration);

  it("has the scaling of the validation images", () => {
    expect(calibration).toMatchObject(fitScaling(logits, labels, classes, 1 / 1502));
    expect(calibration.temperature).toBeCloseTo(2, 0);
    expect(calibration.attenuation).toBeLessThan(0.3);
  });

  it("has no attenuation for logits that say less than nothing", () => {
    const misleading = Array.from({ length: 30 }, (_, n) => [0, 1, 2].map((k) => (k === n % 3 ? -9 : 9 - k))).flat();
    const wrong = Array.from({ length: 30 }, (_, n) => n % 3);
    expect(fitScaling(misleading, wrong, 3)).toEqual({ temperature: 64, attenuation: 0 });
  });

  it("is not certain of everything after a few images that are all right", () => {
    const few = calibrateModel([9, 0, 0, 8, 7, 1], [0, 1, 0], 2)!;
    expect(fitTemperature([9, 0, 0, 8, 7, 1], [0, 1, 0], 2)).toBeLessThan(0.2);
    const { probabilities } = probabilitiesOf([9, 0], [0], 2, few);
    expect(probabilities[0]).toBeLessThan(0.9);
    expect(probabilities[0]).toBeGreaterThan(0.7);
  });

  it.each([0.9, 0.95, 0.971])("has the threshold of all images for a target of %f", (target) => {
    expect(thresholdFor(calibration, target)).toEqual(answerThreshold(probabilities, target));
  });

  it.each([
    ["lac", 0.9],
    ["lac", 0.95],
    ["lac", 0.995],
    ["aps", 0.9],
    ["aps", 0.99],
  ] as const)("has the score of all images for sets of %s with coverage %f", (method, coverage) => {
    expect(setThresholdFor(calibration, coverage, method)).toEqual(conformalThreshold(probabilities, coverage, method));
  });

  it("has the next greater coverage for those that it does not keep, up to the last that the images allow", () => {
    const exact = (coverage: number) => conformalThreshold(probabilities, coverage).score;
    expect(setThresholdFor(calibration, 0.903).score).toBe(exact(0.91));
    expect(setThresholdFor(calibration, 0.2).score).toBe(exact(0.5));
    expect(setThresholdFor(calibration, 0.9992).score).toBe(exact(1500 / 1501));
    expect(() => setThresholdFor(calibration, 0.9995)).toThrow("needs at least 1999");
    expect(() => setThresholdFor(calibrationOf(18), 0.95)).toThrow(
      "there are 18 validation images, but a coverage of 0.95 needs at least 19: the threshold would be the score of rank ⌈(n + 1) · 0.95⌉ = 19",
    );
    expect(() => setThresholdFor(calibration, 1)).toThrow("the coverage is 1, expected a number between 0 and 1");
  });

  it("refuses a target that the images do not show to be reached", () => {
    expect(() => thresholdFor(calibrationOf(100), 0.99)).toThrow(
      "no confidence is high enough for an accuracy of 99 % among answers: 100 validation images do not show",
    );
  });

  it("keeps its promises on other images", () => {
    const fresh = validation(3000, 2);
    const p = probabilitiesOf(fresh.logits, fresh.labels, classes, calibration);
    const { threshold } = thresholdFor(calibration, 0.95);
    expect(coverageCurve(p).findLast((point) => point.threshold >= threshold)!.accuracy).toBeGreaterThan(0.95);
    for (const method of ["lac", "aps"] as const)
      expect(scoreSets(p, setThresholdFor(calibration, 0.9, method)).covered).toBeGreaterThan(0.88);
  });

  it("is small, and is checked when it is read", () => {
    const json = JSON.stringify(calibration);
    expect(json.length).toBeLessThan(9000);
    expect(parseCalibration(JSON.parse(json), "test")).toEqual(calibration);
    for (const wrong of [
      { temperature: 0 },
      { temperature: null },
      { attenuation: 2 },
      { answers: [[1, 2]] },
      { sets: [] },
      { more: 1 },
    ])
      expect(() => parseCalibration({ ...calibration, ...wrong }, "test")).toThrow("test: ");
    const { attenuation: _, ...former } = calibration;
    expect(parseCalibration(former, "test")).toEqual(former);
    expect(calibrateModel([], [], 4)).toBeUndefined();
  });
});

describe("a model with a calibration", () => {
  const model = network({ input: [8, 8, 1], classes: ["A", "B", "C"] }, [flatten(), dense(3)]);
  const plain = randomWeights(model, randomFrom(1));
  const trained = calibrated(plain);

  it("predicts with it, with the same logits, and so does its file", async () => {
    const image = bars(1, { size: 8 }).images;
    const logits = await trained.logits(image);
    expect(logits).toEqual(await plain.logits(image));
    expect(await trained.predict(image)).toEqual(predictionOf(logits, model.classes, trained.scaling));
    const read = decodeModel(encodeModel(trained));
    expect(read.calibration).toEqual(trained.calibration);
    expect(await read.predict(image)).toEqual(await trained.predict(image));
    expect(decodeModel(encodeModel(plain)).calibration).toBeUndefined();
  });

  it("says where it does not know, and lists the classes that a picture may have", () => {
    const decisions = { answers: { ...thresholdFor(calibrationOf(1500), 0.9), threshold: 0.6 } };
    const sets = { method: "lac", coverage: 0.9, score: 0.7 } as const;
    const answer = (logits: readonly number[], blank = false) =>
      answerFor(
        "x.png",
        predictionOf(Float32Array.from(logits), model.classes, UNSCALED),
        { blank, steps: [] },
        { top: 1 },
        { ...decisions, sets },
      );
    expect(answer([5, 0, 0])).toMatchObject({ label: "A", answered: true, set: ["A"] });
    expect(answer([5, 0, 0], true)).toMatchObject({ blank: true, answered: false });
    expect(answer([0, 1, 0.9])).toMatchObject({ label: "B", answered: false, set: ["B", "C"] });
    expect(decisionsOf(trained, {})).toEqual({});
    expect(() => decisionsOf(plain, { coverage: 0.9 })).toThrow("the model has no calibration");
  });
});

describe("a training", () => {
  const model = network({ input: [8, 8, 1], classes: ["A", "B", "C", "D"] }, [flatten(), dense(4)]);
  const options = { steps: 12, batchSize: 16, validateEvery: 4, seed: 1 };

  it("calibrates its last and its best weights on the validation images, without changing them", async () => {
    const data = bars(300, { size: 8 });
    const run = train(model, data, { ...options, split: { validation: 0.2, test: 0.2 } });
    const result = await run.result();
    const [last, best] = [await run.model(), await run.model("best")];
    expect(last.calibration).toMatchObject({
      images: result.validation.count,
      temperature: result.temperature,
      attenuation: result.attenuation,
    });
    expect(best.calibration!.temperature).toBe(result.best!.temperature);
    const split = { validation: 0, test: 0.2 };
    const without = train(model, data, { ...options, split });
    expect((await without.model()).calibration).toBeUndefined();
    expect("temperature" in (await without.result())).toBe(false);
  });
});
