import type { Dataset } from "../../dataset.ts";
import { reshape } from "../../reshape.ts";
import type { OpenOptions } from "../format.ts";

/** A data set of arrays as the options want it, after its progress is reported. */
export function finish(dataset: Dataset, bytes: number, options: OpenOptions): Dataset {
  options.onProgress?.({ images: dataset.labels.length, bytes, totalBytes: bytes });
  return reshape(dataset, options);
}
