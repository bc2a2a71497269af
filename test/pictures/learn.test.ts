import { describe, expect, it } from "vitest";
import { learnPreparation } from "../../src/datasets/index.ts";
import { type Dataset, decodeModel, dense, encodeModel, flatten, network, TrainedModel } from "../../src/index.ts";
import { buildGraph, initialWeights } from "../../src/model/index.ts";
import { openDataset } from "../../src/node.ts";
import { resizeOnly } from "../../src/pictures/index.ts";
import { decodeSafetensors, encodeSafetensors } from "../../src/runs/safetensors.ts";
import { datasetOf } from "./pictures.ts";

const inverted = (dataset: Dataset): Dataset => ({ ...dataset, images: dataset.images.map((p) => 255 - p) });
/** Light shapes with 4 of 20 pixels free above and below, as MNIST has. */
const framed = datasetOf(40, 20, (n, x, y) => (y >= 4 && y < 16 && Math.abs(x - 10) < 2 + (n % 3) ? 255 : 0));

describe("what training images look like", () => {
  it("is light ink on dark, stretched to the whole frame, for the letters", async () => {
    const expected = { background: "dark", crop: true, fit: "stretch", margin: 0, center: "box" };
    expect(learnPreparation(await openDataset("letters"))).toEqual(expected);
  });

  it("is a frame within the image where there is one", () => {
    expect(learnPreparation(framed)).toMatchObject({ background: "dark", crop: true, fit: "contain", margin: 0.2 });
    expect(learnPreparation(inverted(framed))).toMatchObject({ background: "light", crop: true, margin: 0.2 });
  });

  it("is ink anywhere where it keeps to no frame", () => {
    const anywhere = datasetOf(40, 20, (n, x, y) => (x > 1 && x < 4 + (n % 14) && y > 1 && y < 4 + (n % 14) ? 255 : 0));
    expect(learnPreparation(anywhere)).toMatchObject({ background: "dark", crop: false, fit: "stretch" });
  });

  it("is nothing in particular for photographs, and for no images", () => {
    const photographs = datasetOf(40, 20, (n, x, y) => 60 + ((n * 37 + x * 5 + y * 3) % 140));
    expect(learnPreparation(photographs)).toEqual(resizeOnly);
    expect(learnPreparation(datasetOf(0, 20, () => 0))).toEqual(resizeOnly);
  });
});

describe("a model file", () => {
  const model = network({ input: [20, 20, 1], classes: ["A", "B"] }, [flatten(), dense(2)]);
  const weights = initialWeights(buildGraph(model, 1, false).weights, 1);
  const preparation = learnPreparation(framed);
  const file = encodeModel(new TrainedModel(model, weights, undefined, preparation));
  const { tensors, metadata } = decodeSafetensors(file);
  const withPreparation = (json: string | undefined) => {
    const { "inkling.preparation": _, ...rest } = metadata;
    return encodeSafetensors([...tensors.values()], {
      ...rest,
      ...(json !== undefined && { "inkling.preparation": json }),
    });
  };

  it("says how pictures are prepared", () => {
    expect(decodeModel(file).preparation).toEqual(preparation);
  });

  it("of before that only resizes them", () => {
    expect(decodeModel(withPreparation(undefined)).preparation).toEqual(resizeOnly);
  });

  it("that is damaged there is refused", () => {
    expect(() => decodeModel(withPreparation("{"))).toThrow("the preparation in its metadata is not valid JSON");
    const wrong = JSON.stringify({ ...preparation, fit: "squeeze" });
    expect(() => decodeModel(withPreparation(wrong))).toThrow(
      'weights file: preparation: fit is "squeeze", expected "stretch", "contain" or "cover"',
    );
  });
});
