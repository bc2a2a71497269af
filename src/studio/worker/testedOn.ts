import { type Dataset, readImages } from "../../datasets/index.ts";
import type { TrainedModel } from "../../evaluation/index.ts";
import { argMax } from "../../evaluation/index.ts";
import { softmax } from "../../evaluation/softmax.ts";
import { encodePng } from "../../image/encodePng.ts";
import type { Image } from "../../image/image.ts";
import { resize } from "../../image/resize.ts";
import type { Tested } from "../workbench.ts";

/** More images than this are not shown: all mistakes come first, then images that are recognized. */
const MOST_SHOWN = 2000;
const [MOST_SIDE, PER_STRIP] = [48, 100];

/** What a model answers for some rows of a data set, and their pictures. */
export async function testedOn(trained: TrainedModel, dataset: Dataset, rows: Uint32Array): Promise<Tested> {
  const classes = trained.model.classes.length;
  const [height, width, channels] = dataset.imageShape;
  const pixels = new Uint8Array(rows.length * height * width * channels);
  readImages(dataset, rows, pixels);
  const logits = await trained.logits(pixels);
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  const all = Array.from(rows, (row, i) => {
    const probabilities = softmax(logits.subarray(i * classes, (i + 1) * classes), trained.temperature);
    const answer = argMax(probabilities);
    const label = dataset.labels[row]!;
    confusion[label]![answer]!++;
    return { row, label, answer, confidence: probabilities[answer]! };
  });
  const wrong = all.filter(({ label, answer }) => label !== answer).sort((a, b) => b.confidence - a.confidence);
  const shown = [...wrong, ...all.filter(({ label, answer }) => label === answer)].slice(0, MOST_SHOWN);
  const side = Math.min(MOST_SIDE, Math.max(height, width));
  return {
    confusion,
    ...stripsOf(
      shown.map(({ row }) => imageOf(dataset, row)),
      side,
    ),
    rows: shown.map(({ row }) => row),
    labels: shown.map(({ label }) => label),
    answers: shown.map(({ answer }) => answer),
    confidences: shown.map(({ confidence }) => confidence),
    mistakes: shown.flatMap(({ label, answer }, i) => (label === answer ? [] : [i])),
  };
}

/** An image of a data set. */
export function imageOf({ images, imageShape: [height, width, channels] }: Dataset, row: number): Image {
  const size = height * width * channels;
  return {
    height,
    width,
    channels: channels as Image["channels"],
    pixels: images.subarray(row * size, (row + 1) * size),
  };
}

/** PNG files of square tiles below one another. */
function stripsOf(images: readonly Image[], side: number): Pick<Tested, "strips" | "side" | "perStrip"> {
  const strips: Uint8Array[] = [];
  for (let first = 0; first < images.length; first += PER_STRIP) {
    const some = images.slice(first, first + PER_STRIP).map((image) => resize(image, [side, side]));
    const [{ channels }] = some as [Image];
    const size = side * side * channels;
    const pixels = new Uint8Array(PER_STRIP * size);
    for (const [i, image] of some.entries()) pixels.set(image.pixels, i * size);
    strips.push(encodePng(pixels, [PER_STRIP * side, side, channels]));
  }
  return { strips, side, perStrip: PER_STRIP };
}
