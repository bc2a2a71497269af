import { readFile } from "node:fs/promises";
import { InklingError } from "../../tensor/error.ts";
import type { Dataset } from "../dataset.ts";
import { decodePack, encodePack, isPack, type PackOptions } from "../pack.ts";
import { reshape } from "../reshape.ts";
import type { Format } from "./format.ts";
import { writeFileAtomic } from "./writeFile.ts";

/** Inkling's own file, which {@link savePack} writes. */
export const pack: Format = {
  name: "an .inkling file",
  matches: isPack,
  open: async (path, options) => {
    const bytes = await readFile(path, { ...(options.signal && { signal: options.signal }) }).catch((cause: Error) => {
      if (options.signal?.aborted) throw new InklingError("ABORTED", `reading ${path} was stopped`, { cause });
      throw new InklingError("FILE_SYSTEM", `${path} cannot be read: ${cause.message}`, { cause });
    });
    const dataset = reshape(await decodePack(bytes), options);
    options.onProgress?.({ images: dataset.labels.length, bytes: bytes.length, totalBytes: bytes.length });
    return dataset;
  },
};

/**
 * Writes a data set as one `.inkling` file. Throws `FILE_SYSTEM`, and `INVALID_DATA` as {@link encodePack} does.
 */
export async function savePack(dataset: Dataset, path: string, options?: PackOptions): Promise<void> {
  await writeFileAtomic(path, await encodePack(dataset, options));
}
