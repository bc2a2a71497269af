import type { Dataset } from "../../datasets/index.ts";
import { countLabels } from "../../datasets/statistics.ts";
import { type Image, imageAt } from "../../image/image.ts";
import { type Model, summarize } from "../../model/index.ts";
import { learningRateAt } from "../../optimizers/schedules/registry.ts";
import { type Overrides, recipe, recipeTraining } from "../../training/index.ts";
import { TrainingData } from "../../training/trainingData.ts";
import type { DataSummary, Division, NetworkSummary, Plan, Settings } from "../workbench.ts";

/** Steps at which the learning rate is looked at, to find the highest. */
const RATES = 200;
/** Samples of each class that are shown next to its name. */
const SAMPLES = 12;

/** The data that are open: what the page shows of them, and how settings divide them. */
export class OpenedData {
  readonly dataset: Dataset;
  /** "letters", or the name of what was dropped. */
  readonly source: string;
  readonly #reportDivision: (division: Division) => void;
  #divided: { readonly key: string; readonly data: TrainingData } | undefined;

  constructor(dataset: Dataset, source: string, reportDivision: (division: Division) => void) {
    this.dataset = dataset;
    this.source = source;
    this.#reportDivision = reportDivision;
  }

  /** What files are named after. */
  get fileName(): string {
    const stem = this.source.replace(/\.\w+$/, "").toLowerCase();
    return stem.replaceAll(/[^a-z0-9]+/g, "-").replaceAll(/^-|-$/g, "") || "model";
  }

  /** What the data hold, with samples of each class. */
  summary(): DataSummary {
    const { labels, classNames, imageShape, skipped, provenance } = this.dataset;
    const counts = countLabels(labels, classNames.length);
    const samples = classNames.map((): Image[] => []);
    const seen = new Uint32Array(classNames.length);
    const canShow = imageShape[2] === 1 || imageShape[2] === 3;
    for (let row = 0; canShow && row < labels.length; row++) {
      const label = labels[row]!;
      // Spread over the class, since neighbors are often alike.
      if (seen[label]!++ % Math.ceil(counts[label]! / SAMPLES) === 0) samples[label]!.push(this.#copyOf(row));
    }
    const { reading } = provenance;
    return {
      source: this.source,
      images: labels.length,
      imageShape,
      classes: classNames.map((name, k) => ({ name, images: counts[k]!, samples: samples[k]! })),
      skipped,
      ...(reading !== undefined && { reading }),
    };
  }

  /** Images of a class from one on. Throws `INVALID_DATA` unless they have 1 or 3 channels. */
  images(label: number, first: number, count: number): readonly Image[] {
    const { labels } = this.dataset;
    const found: Image[] = [];
    let place = 0;
    for (let row = 0; row < labels.length && found.length < count; row++)
      if (labels[row] === label && place++ >= first) found.push(this.#copyOf(row));
    return found;
  }

  /** An image with pixels of its own, which can be sent. */
  #copyOf(row: number): Image {
    const image = imageAt(this.dataset, row);
    return { ...image, pixels: image.pixels.slice() };
  }

  /** The data as the settings divide them, and reports a division that is new. */
  divide({ seed, split }: Overrides = {}): TrainingData {
    const key = JSON.stringify([seed, split]);
    if (this.#divided?.key === key) return this.#divided.data;
    const data = new TrainingData(this.dataset, { ...(seed !== undefined && { seed }), ...(split && { split }) });
    this.#divided = { key, data };
    const { training, validation, test } = data.division.split;
    const sizes = { training: training.length, validation: validation.length, test: test.length };
    this.#reportDivision({ ...sizes, warnings: data.warnings() });
    return data;
  }

  /** What the settings come to for these data. */
  plan({ recipe: name, overrides }: Settings): Plan {
    const { training } = this.divide(overrides).division.split;
    const { imageShape: input, classNames: classes } = this.dataset;
    const shape = { images: { input, classes }, trainingImages: training.length };
    const { model, steps, batchSize, optimizer } = recipeTraining(recipe(name), shape, overrides);
    const rates = Array.from({ length: RATES }, (_, k) =>
      learningRateAt(optimizer.learningRate, Math.floor((k * steps) / RATES)),
    );
    const learningRate = Number(Math.max(...rates).toPrecision(3));
    return { ...networkSummary(model), steps, batchSize, seed: overrides.seed ?? 1, learningRate };
  }
}

export function networkSummary(model: Model): NetworkSummary {
  const sum = (of: "parameters" | "multiplyAdds") => summarize(model).reduce((all, layer) => all + layer[of], 0);
  return { parameters: sum("parameters"), multiplyAdds: sum("multiplyAdds") };
}
