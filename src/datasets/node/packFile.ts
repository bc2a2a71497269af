import type { Dataset } from "../dataset.ts";
import { decodePack, encodePack, isPack, type PackOptions } from "../pack.ts";
import { reshape } from "../reshape.ts";
import type { Format } from "./format.ts";
import { readWhole } from "./formats/readWhole.ts";
import { writeFileAtomic } from "./writeFile.ts";

/** Inkling's own file, which {@link savePack} writes. */
export const pack: Format = {
  id: "inkling",
  name: "an .inkling file",
  extensions: [".inkling"],
  matches: ({ head }) => isPack(head),
  open: async (path, options) => {
    const bytes = await readWhole(path, options.signal);
    const dataset = reshape(await decodePack(bytes), options);
    options.onProgress?.({ images: dataset.labels.length, bytes: bytes.length, totalBytes: bytes.length });
    return dataset;
  },
  save: (dataset, path) => savePack(dataset, path),
};

/**
 * Writes a data set as one `.inkling` file. Throws `FILE_SYSTEM`, and `INVALID_DATA` for a data set that does not fit together.
 */
export async function savePack(dataset: Dataset, path: string, options?: PackOptions): Promise<void> {
  await writeFileAtomic(path, await encodePack(dataset, options));
}
