import { it } from "vitest";
import { dense, flatten, network, TrainedModel } from "../../src/index.ts";
import { buildGraph, initialWeights } from "../../src/model/index.ts";
import { preparePicture, resizeOnly } from "../../src/pictures/index.ts";
import { decodeModel, encodeModel } from "../../src/runs/modelFile.ts";
import { decodeSafetensors } from "../../src/runs/safetensors.ts";
import { expectSound, mutations, type Parser, timeout } from "../hostile/mutations.ts";
import { decodePicture } from "../image/decoded.ts";
import { grayJpeg, grayPng } from "../sources/files.ts";
import { recipeModel } from "../training/recipeModel.ts";
import { jpeg, oriented, webp } from "./pictures/scene.ts";
import { letterPicture, testPictures } from "./pictures.ts";

/** Mutated files for the parsers of what a prediction is made from. `npm run fuzz` tries more. */

const preparation = { ...resizeOnly, background: "dark", crop: true } as const;
const small = letterPicture("A", 24, 20);
const weightsOf = (model = network({ input: [4, 4, 1], classes: ["A", "B"] }, [flatten(), dense(2)])) =>
  encodeModel(new TrainedModel(model, initialWeights(buildGraph(model, 1, false).weights, 1)));
const weights = {
  seeds: () => [weightsOf()],
  real: () => [weightsOf(recipeModel("lenet", { input: [28, 28, 1], classes: [..."ABCDEFGHIJ"] }))],
};

const parsers: Readonly<Record<string, Parser>> = {
  "a picture": {
    seeds: () => [grayPng(100), grayJpeg, oriented(jpeg(small), 6), webp(small)],
    real: () => testPictures().map(({ bytes }) => bytes),
    parse: (bytes) => preparePicture(decodePicture(bytes), [8, 8, 1], preparation),
  },
  safetensors: { ...weights, parse: decodeSafetensors },
  "a model": { ...weights, parse: (bytes) => decodeModel(bytes) },
};

it.each(Object.entries(parsers))("%s, mutated, is read or refused with a line", { timeout }, (name, parser) =>
  expectSound(name, parser, mutations(1500)),
);
