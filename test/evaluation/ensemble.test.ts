import { describe, expect, it } from "vitest";
import { enableRelaxedSimd } from "../../src/backends/node/enableRelaxedSimd.ts";
import { answerImages, Ensemble, evaluate, type ModelCalibration, TrainedModel } from "../../src/evaluation/index.ts";
import { dense, flatten } from "../../src/layers/index.ts";
import { inferenceGraph, initialWeights, network } from "../../src/model/index.ts";
import { decodeClassifier, decodeModel, encodeModel } from "../../src/runs/modelFile.ts";
import { decodeSafetensors, encodeSafetensors } from "../../src/runs/safetensors.ts";
import { bars } from "../training/data.ts";

enableRelaxedSimd();
const data = bars(20, { classes: 2, size: 4 });
const calibration: ModelCalibration = {
  temperature: 2.5,
  attenuation: 0,
  images: 3,
  answers: [],
  sets: [[0.5, 0.5, 0.9]],
};

function member(seed: number, { size = 4, classes = ["A", "B"], calibrated = false } = {}): TrainedModel {
  const model = network({ input: [size, size, 1], classes }, [flatten(), dense(classes.length)]);
  const weights = initialWeights(inferenceGraph(model).weights, seed);
  return new TrainedModel(model, weights, undefined, undefined, calibrated ? calibration : undefined);
}
const ensemble = new Ensemble([member(1), member(2, { calibrated: true }), member(3)]);

describe("an ensemble", () => {
  it("answers by the mean of its models' probabilities, each calibrated", async () => {
    const image = data.images.subarray(0, 16);
    const alone = await Promise.all(ensemble.members.map((one) => one.predict(image)));
    const together = await ensemble.predict(image);
    for (const { label, probability } of together.ranking) {
      const own = alone.map(({ ranking }) => ranking.find((one) => one.label === label)!.probability);
      expect(probability).toBeCloseTo(own.reduce((sum, p) => sum + p, 0) / 3, 6);
    }
    expect(ensemble.scalings.map(({ temperature }) => temperature)).toEqual([1, 2.5, 1]);
  });

  it("is scored as it predicts", async () => {
    const { logits, members } = await answerImages(ensemble, data);
    const alone = await Promise.all(ensemble.members.map((one) => answerImages(one, data)));
    expect(members!.map((own) => own.logits)).toEqual(alone.map((own) => own.logits));
    const predicted = await ensemble.logits(data.images);
    for (const [i, logit] of logits.entries()) expect(logit).toBeCloseTo(predicted[i]!, 5);
    expect((await evaluate(ensemble, data)).count).toBe(20);
    await ensemble.close();
  });

  it("is one file, which gives the same answers", async () => {
    const bytes = encodeModel(ensemble);
    const read = decodeClassifier(bytes) as Ensemble;
    expect(read.members).toHaveLength(3);
    expect([...read.weights.keys()]).toEqual([...ensemble.weights.keys()]);
    expect(read.scalings).toEqual(ensemble.scalings);
    expect(encodeModel(read)).toEqual(bytes);
    expect(await read.predict(data.images.subarray(0, 16))).toEqual(
      await ensemble.predict(data.images.subarray(0, 16)),
    );
    expect(decodeClassifier(encodeModel(member(1)))).toBeInstanceOf(TrainedModel);
    expect(() => decodeModel(bytes)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  });

  it("is refused if its file is damaged", () => {
    const { tensors, metadata } = decodeSafetensors(encodeModel(ensemble));
    const write = (members: unknown, all = [...tensors.values()]) =>
      encodeSafetensors(all, { ...metadata, "inkling.members": JSON.stringify(members) });
    const members = JSON.parse(metadata["inkling.members"]!);
    for (const bytes of [
      write({}),
      write([1, 2]),
      write([{ "inkling.model": 7 }]),
      write([]),
      write(members.slice(1, 2)),
      write(members, [...tensors.values()].slice(1)),
    ])
      expect(() => decodeClassifier(bytes)).toThrow(expect.objectContaining({ code: "INVALID_DATA" }));
  });

  it.each([
    ["a single model", [member(1)], "1 models given, expected at least two"],
    ["another input", [member(1), member(2, { size: 6 })], "the input of model 2 is (6, 6, 1)"],
    ["other classes", [member(1), member(2, { classes: ["B", "A"] })], "the list of classes of model 2 is B, A"],
    [
      "another preparation",
      [member(1), member(2).with({ preparation: { ...member(2).preparation, background: "dark" } })],
      "the preparation of pictures of model 2",
    ],
  ])("refuses %s", (_, members, message) => {
    expect(() => new Ensemble(members)).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT", message: expect.stringContaining(message) }),
    );
  });
});
