import { writeFileAtomic } from "../../base/node/writeFile.ts";
import { throwIfAborted } from "../../base/throwIfAborted.ts";
import type { AnyDataset } from "../../datasets/dataset.ts";
import { reshape } from "../../datasets/reshape.ts";
import { type PackOptions, packPieces } from "../pack.ts";
import { isPack, readPack, readPackedImages } from "../readPack.ts";
import type { Source } from "../source.ts";
import { withFile } from "./fileSource.ts";
import type { Format, ReadOptions } from "./format.ts";
import { imagesInFile } from "./imagesInFile.ts";

/** Inkling's own file, which {@link savePack} writes. */
export const pack: Format = {
  id: "inkling",
  name: "an .inkling file",
  extensions: [".inkling"],
  matches: ({ head }) => isPack(head),
  open: (path, options) =>
    withFile(path, async (file) => {
      const dataset = reshape(await readPack(watched(file, path, options)), options);
      options.onProgress?.({ images: dataset.labels.length, bytes: file.size, totalBytes: file.size });
      return dataset;
    }),
  stream: (path, options) =>
    withFile(path, async (file) => {
      const images = imagesInFile(path);
      const packed = await readPackedImages(watched(file, path, options));
      return packed && { ...packed.dataset, read: images(packed) };
    }),
  save: (dataset, path) => savePack(dataset, path),
};

/** The file, until reading is stopped; says how far it has come. */
function watched(file: Source, path: string, { signal, onProgress }: ReadOptions): Source {
  return {
    size: file.size,
    read(at, length) {
      throwIfAborted(signal, path);
      onProgress?.({ images: 0, bytes: at, totalBytes: file.size });
      return file.read(at, length);
    },
  };
}

/**
 * Writes a data set as one `.inkling` file; a streamed one needs little memory. Throws `FILE_SYSTEM`, and `INVALID_DATA`
 * for a data set that does not fit together.
 */
export async function savePack(dataset: AnyDataset, path: string, options?: PackOptions): Promise<void> {
  await writeFileAtomic(path, packPieces(dataset, options));
}
