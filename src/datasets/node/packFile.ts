import { randomUUID } from "node:crypto";
import { open, readFile, rename, rm } from "node:fs/promises";
import { InklingError } from "../../tensor/error.ts";
import type { Dataset } from "../dataset.ts";
import { decodePack, encodePack, isPack, type PackOptions } from "../pack.ts";
import { reshape } from "../reshape.ts";
import type { Format } from "./format.ts";

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
 * Writes a data set as one `.inkling` file. It is written beside its place and then renamed, so that a crash leaves
 * the old file or the new one, never half of one. Throws `FILE_SYSTEM`, and `INVALID_DATA` as {@link encodePack} does.
 */
export async function savePack(dataset: Dataset, path: string, options?: PackOptions): Promise<void> {
  const bytes = await encodePack(dataset, options);
  const beside = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await open(beside, "wx");
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
  } catch (cause) {
    await rm(beside, { force: true });
    throw new InklingError("FILE_SYSTEM", `${path} cannot be written: ${(cause as Error).message}`, { cause });
  }
}
