import { describe, expect, it } from "vitest";
import { backend } from "../../src/backends/index.ts";
import { enableRelaxedSimd } from "../../src/backends/node/enableRelaxedSimd.ts";
import { evaluate, TrainedModel } from "../../src/evaluation/index.ts";
import {
  decodeCheckpoint,
  decodeClassifier,
  decodePack,
  divide,
  drawModel,
  Ensemble,
  embeddingMap,
  exportC,
  exportCard,
  exportOnnx,
  exportPackage,
  exportWasm,
  fingerprint,
  foldDataset,
  goldenVectors,
  importOnnx,
  learnPreparation,
  mergeDatasets,
  occlusionMap,
  reportDataset,
  sampleRows,
  splitDataset,
  subset,
  summarize,
  toTensors,
  unorderedFingerprint,
} from "../../src/index.ts";
import { dense, flatten, relu } from "../../src/layers/index.ts";
import { inferenceGraph, initialWeights, network } from "../../src/model/index.ts";
import { decodeModel, encodeModel } from "../../src/runs/modelFile.ts";
import { recipe, train } from "../../src/training/index.ts";
import { bars } from "../training/data.ts";

enableRelaxedSimd();
const data = bars(24, { classes: 2, size: 4 });
const model = network({ input: [4, 4, 1], classes: ["A", "B"] }, [flatten(), dense(3), relu(), dense(2)]);
const weights = () => initialWeights(inferenceGraph(model).weights, 1);
const withWeight = (name: string, values: unknown) => new Map([...weights(), [name, values as Float32Array] as const]);

describe("weights that are handed over", () => {
  const nan = Float32Array.of(0, Number.NaN, 0);

  it.each([
    ["dense_1.bias", undefined, "weights: dense_1.bias is missing"],
    ["dense_1.bias", [0, 0, 0], "weights: dense_1.bias is not a Float32Array"],
    ["dense_2.bias", new Float32Array(1), "weights: dense_2.bias has 1 values, expected 2 for the shape (2,)"],
    [
      "dense_1.bias",
      nan,
      "weights: dense_1.bias is NaN at index 1; the training that made it diverged, or the file is damaged",
    ],
    ["dense_1.bias", Float32Array.of(0, 0, Infinity), "weights: dense_1.bias is Infinity at index 2"],
  ])("are refused: %s, %s", (name, values, message) => {
    expect(() => new TrainedModel(model, withWeight(name, values))).toThrow(
      expect.objectContaining({ code: "INVALID_DATA", message: expect.stringContaining(message) }),
    );
  });

  it("are refused in a file", () => {
    const trained = new TrainedModel(model, weights());
    trained.weights.get("dense_1.bias")!.set(nan); // which the constructor did not see
    expect(() => decodeModel(encodeModel(trained))).toThrow(/dense_1.bias is NaN at index 1/);
  });

  it("give no answer where logits overflow", async () => {
    const large = weights();
    large.get("dense_1.bias")!.fill(3e38);
    large.get("dense_2.kernel")!.fill(3e38);
    const trained = new TrainedModel(model, large);
    const overflow = { code: "NOT_FINITE", message: expect.stringContaining("infinite or NaN") };
    await expect(trained.predict(data.images.subarray(0, 16))).rejects.toMatchObject(overflow);
    await expect(evaluate(trained, data)).rejects.toMatchObject(overflow);
  });
});

describe("what a program in JavaScript may hand over", () => {
  const trained = new TrainedModel(model, weights(), backend("interpret"));
  const given = (value: unknown) => value as Uint8Array;

  it.each([
    [new Float32Array(16).fill(0.5), "a Float32Array"],
    [Array(16).fill(300), "an Array"],
    [new Uint16Array(16), "a Uint16Array"],
    [null, "null"],
    ["a.png", "a string"],
  ])("is refused as pixels: %#", async (wrong, kind) => {
    const refused = {
      name: "InklingError",
      code: "INVALID_ARGUMENT",
      message: expect.stringContaining(`${kind}, exp`),
    };
    await expect(trained.predict(given(wrong))).rejects.toMatchObject(refused);
    await expect(trained.logits(given(wrong))).rejects.toMatchObject(refused);
    await expect(trained.layerOutputs(given(wrong), [])).rejects.toMatchObject(refused);
    if (kind !== "a Uint16Array")
      await expect(trained.predict({ width: 4, height: 4, data: given(wrong) })).rejects.toMatchObject(refused);
  });

  it("says what it is, what was expected and what to do", async () => {
    await expect(trained.predict(given(new Float32Array(16)))).rejects.toThrow(
      "predict: the image is a Float32Array, expected pixels from 0 to 255 in a Uint8Array or Uint8ClampedArray; multiply those from 0 to 1 by 255",
    );
    await expect(trained.predictBatch(given(null) as unknown as [])).rejects.toThrow(
      "images is null, expected an array",
    );
  });

  it("is refused in place of data, of a model and of weights", async () => {
    const missing = undefined as unknown as typeof data;
    const noModel = undefined as unknown as typeof model;
    for (const start of [() => train(model, missing), () => train(recipe(), missing)])
      await expect(start().result()).rejects.toThrow("data set: it is undefined, expected images, labels");
    await expect(evaluate(trained, missing)).rejects.toThrow("data set: it is undefined, expected images, labels");
    await expect(train(noModel, data).result()).rejects.toThrow("train: the model is undefined, expected");
    for (const wrong of [{}, null])
      expect(() => new TrainedModel(model, wrong as unknown as ReturnType<typeof weights>)).toThrow(
        /^weights: they are (an Object|null), expected a Map of Float32Arrays/,
      );
  });
});

describe("what is no model, and no data set", () => {
  const given = [undefined, null, 1, "x", [], {}, () => {}] as unknown[];

  it("is refused by everything that needs a model, with its name", async () => {
    const broken = ["input", "classes", "layers", "preprocessing"].map((part) => ({ ...model, [part]: 10n }));
    for (const wrong of [...given, ...broken] as (typeof model)[]) {
      const refused = expect.objectContaining({ message: expect.stringMatching(/model.*, expected/) });
      expect(() => new TrainedModel(wrong, weights())).toThrow(refused);
      expect(() => summarize(wrong)).toThrow(refused);
      expect(() => drawModel(wrong)).toThrow(refused);
      await expect(train(wrong, data, { steps: 1 }).result()).rejects.toEqual(refused);
    }
  });

  it("is refused by everything that needs a data set", async () => {
    const broken = ["images", "labels", "imageShape", "classNames"].map((part) => ({ ...data, [part]: 10n }));
    for (const wrong of [...given, ...broken] as (typeof data)[]) {
      const refused = expect.objectContaining({ message: expect.stringMatching(/^data set: .*, expected/) });
      for (const use of [
        () => subset(wrong, [0]),
        () => splitDataset(wrong),
        () => foldDataset(wrong),
        () => divide(wrong, {}, {}),
        () => sampleRows(wrong, 1),
        () => mergeDatasets([data, wrong]),
        () => toTensors(wrong),
        () => learnPreparation(wrong),
      ])
        expect(use).toThrow(refused);
      for (const use of [fingerprint, unorderedFingerprint, reportDataset])
        await expect(use(wrong)).rejects.toEqual(refused);
    }
  });

  it("is refused by everything that needs a trained model", async () => {
    for (const wrong of given as TrainedModel[]) {
      const refused = expect.objectContaining({ message: expect.stringMatching(/^trained model: .*, expected/) });
      expect(() => encodeModel(wrong)).toThrow(refused);
      expect(() => new Ensemble([wrong, wrong])).toThrow(refused);
      const uses = [evaluate, exportOnnx, exportC, exportWasm, exportPackage, exportCard, goldenVectors, embeddingMap];
      for (const use of [...uses, occlusionMap] as unknown as ((
        model: TrainedModel,
        more: never,
      ) => Promise<unknown>)[])
        await expect(use(wrong, data as never)).rejects.toEqual(refused);
    }
  });

  it("is refused by everything that needs the bytes of a file", async () => {
    for (const wrong of [...given, new Float32Array(4)] as Uint8Array[]) {
      const refused = expect.objectContaining({ message: expect.stringMatching(/ it is .*, expected its bytes in a/) });
      for (const use of [decodeModel, decodeClassifier, importOnnx]) expect(() => use(wrong)).toThrow(refused);
      for (const use of [decodeCheckpoint, decodePack]) await expect(use(wrong)).rejects.toEqual(refused);
    }
  });

  it("is said of labels that change while they are used, by a training that ends as without it", async () => {
    const own = { ...data, labels: data.labels.slice() };
    const options = { steps: 6, batchSize: 4, validateEvery: 2, split: { validation: 4, test: 4 } };
    const run = train(model, own, options);
    for await (const event of run) if (event.type === "progress") own.labels.fill(60_000);
    const changed = await run.model();
    const untouched = await train(model, data, options).model();
    expect([...changed.weights]).toEqual([...untouched.weights]);
  });

  it("is said of images that are transferred while they are used", async () => {
    const own = { ...data, images: data.images.slice() };
    const events = train(model, own, { steps: 40, batchSize: 4, validateEvery: 1 })[Symbol.asyncIterator]();
    await events.next();
    structuredClone(own.images.buffer, { transfer: [own.images.buffer] });
    const rest = async () => {
      while (!(await events.next()).done);
    };
    await expect(rest()).rejects.toThrow("data set: its images were transferred to another thread");
  });

  it("is said of options that JSON cannot express", () => {
    const circle: unknown[] = [];
    circle.push(circle);
    for (const wrong of [10n, circle, Symbol("x")])
      expect(() => dense(wrong as unknown as number)).toThrow(/dense: units is .*, expected a whole number/);
  });
});

describe("data that are handed over", () => {
  const options = { steps: 2, batchSize: 4 };
  const wrong = [
    [{ images: data.images.subarray(0, 100) }, "images has 100 bytes, expected 384"],
    [
      { images: [...data.images] as unknown as Uint8Array },
      "images is an Array, expected pixels from 0 to 255 in a Uint8Array;",
    ],
    [{ images: new Float32Array(384) as unknown as Uint8Array }, "images is a Float32Array, expected pixels"],
    [{ labels: undefined as unknown as Uint16Array }, "labels is undefined, expected a Uint16Array"],
    [{ labels: data.labels.map((label, row) => (row === 5 ? 7 : label)) }, "label of image 5 is 7, expected 0 to 1"],
  ] as const;

  it.each(wrong)("are refused by training and evaluation: %#", async (change, message) => {
    const broken = { ...data, ...change };
    const refused = { code: "INVALID_DATA", message: expect.stringContaining(message) };
    await expect(train(model, broken, options).result()).rejects.toMatchObject(refused);
    await expect(train(model, data, { ...options, test: broken }).result()).rejects.toMatchObject(refused);
    await expect(evaluate(new TrainedModel(model, weights()), broken)).rejects.toMatchObject(refused);
  });
});
