import type { Dataset } from "../../datasets/dataset.ts";
import { reshape } from "../../datasets/reshape.ts";
import type { ReadOptions } from "./format.ts";

/** A data set of arrays as the options want it, after its progress is reported. */
export function finish(dataset: Dataset, bytes: number, options: ReadOptions): Dataset {
  options.onProgress?.({ images: dataset.labels.length, bytes, totalBytes: bytes });
  return reshape(dataset, options);
}
