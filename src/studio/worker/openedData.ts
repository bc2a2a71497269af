import { type Dataset, defaultKeepTogether, type SplitSettings } from "../../datasets/index.ts";
import { countLabels } from "../../datasets/statistics.ts";
import { type Image, imageAt } from "../../image/image.ts";
import type { Overrides } from "../../training/index.ts";
import { TrainingData } from "../../training/trainingData.ts";
import type { DataSummary, Division } from "../workbench.ts";

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

  /** What applies where a split does not say it. */
  get #usualSplit(): SplitSettings {
    return { by: this.dataset.parts ? "source" : "seed", keepTogether: defaultKeepTogether(this.dataset) };
  }

  /** The data as the settings divide them, and reports a division that is new. */
  divide({ seed = 1, split = {} }: Overrides = {}): TrainingData {
    const { by, keepTogether, training, validation, test } = { ...this.#usualSplit, ...split };
    const key = JSON.stringify([seed, by, keepTogether, training, validation, test]);
    if (this.#divided?.key === key) return this.#divided.data;
    const data = new TrainingData(this.dataset, { seed, split });
    this.#divided = { key, data };
    const parts = data.division.split;
    const sizes = { training: parts.training.length, validation: parts.validation.length, test: parts.test.length };
    this.#reportDivision({ ...sizes, warnings: data.warnings() });
    return data;
  }
}
