import { sizeOf } from "../../base/shape.ts";
import { type Dataset, readImages } from "../../datasets/index.ts";
import type { TrainedModel } from "../../evaluation/index.ts";
import { answersOf, probabilitiesOf } from "../../evaluation/probabilities.ts";
import { shownPictures } from "../../report/pages/evaluate/shownPictures.ts";
import type { Tested } from "../workbench.ts";

/** What a model answers for some rows of a data set, and their pictures. */
export async function testedOn(trained: TrainedModel, dataset: Dataset, rows: Uint32Array): Promise<Tested> {
  const { classes, input } = trained.model;
  const pixels = new Uint8Array(rows.length * sizeOf(input));
  readImages(dataset, rows, pixels);
  const labels = Array.from(rows, (row) => dataset.labels[row]!);
  const logits = await trained.logits(pixels);
  const all = answersOf(probabilitiesOf(logits, labels, classes.length, trained.temperature));
  const confusion = classes.map(() => new Array<number>(classes.length).fill(0));
  for (const [i, { answer }] of all.entries()) confusion[labels[i]!]![answer]!++;
  const answers = all.map(({ answer }) => answer);
  const confidences = all.map(({ confidence }) => confidence);
  const { pictures, placeOf, mistakes } = shownPictures({ dataset, rows, answers, confidences });
  return { confusion, pictures, mistakes: mistakes.flatMap((i) => placeOf.get(i) ?? []) };
}
