import { beforeAll, describe, expect, it } from "vitest";
import { learnPreparation, recipe, recipeTraining, TrainedModel, train } from "../../src/index.ts";
import { openDataset } from "../../src/node.ts";
import { decodePicture } from "../image/decoded.ts";
import { testPictures } from "./pictures.ts";

const pictures = testPictures();
let trained: TrainedModel;
beforeAll(async () => {
  const letters = await openDataset("letters");
  const images = { input: letters.imageShape, classes: letters.classNames };
  const shape = { images, trainingImages: letters.labels.length };
  const { model, ...settings } = recipeTraining(recipe("lenet"), shape, { steps: 400, seed: 2, validateEvery: 0 });
  const run = train(model, letters, settings);
  const { weights } = await run.model();
  trained = new TrainedModel(model, weights, undefined, learnPreparation(letters));
});

/** The names of the pictures whose letters a model trained on the built-in letters does not see. */
async function mistakes(prepare: "auto" | "never"): Promise<readonly string[]> {
  const answers = await trained.predictBatch(
    pictures.map(({ bytes }) => decodePicture(bytes)),
    { prepare },
  );
  return pictures.filter(({ label }, i) => answers[i]!.label !== label).map(({ name }) => name);
}

describe("20 pictures made for it", () => {
  it("are two of each letter", () => {
    expect(pictures.map(({ label }) => label).join("")).toBe("AABBCCDDEEFFGGHHIIJJ");
    expect(pictures.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBeLessThan(300_000);
  });

  // With 600 steps 20 of 20 are right.
  it("are nearly all right when they are prepared as the letters are", async () => {
    expect((await mistakes("auto")).length).toBeLessThanOrEqual(1);
  });

  it("are mostly wrong when they are only resized", async () => {
    expect((await mistakes("never")).length).toBeGreaterThanOrEqual(14);
  });
});

describe("a batch", () => {
  it("has the answers of its pictures one by one", async () => {
    const some = pictures.slice(0, 3).map(({ bytes }) => decodePicture(bytes));
    const alone = [];
    for (const picture of some) alone.push(await trained.predict(picture));
    expect(await trained.predictBatch(some)).toEqual(alone);
    expect(await trained.predictBatch([])).toEqual([]);
  });
});
