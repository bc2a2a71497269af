import { Readable } from "node:stream";
import { createGzip } from "node:zlib";
import { pack } from "tar-stream";
import { writeFileAtomic } from "../../base/node/writeFile.ts";
import type { Dataset } from "../../datasets/dataset.ts";
import { imageFiles } from "./imageFiles.ts";

/** Writes a data set as a tar archive of PNG files, a folder a class; the same data give the same archive. */
export async function saveTar(dataset: Dataset, path: string, compressed: boolean): Promise<void> {
  const archive = pack();
  const fill = async () => {
    for (const { name, bytes } of imageFiles(dataset))
      await new Promise<void>((resolve, reject) => {
        archive.entry({ name, mtime: new Date(0) }, Buffer.from(bytes), (error) => (error ? reject(error) : resolve()));
      });
    archive.finalize();
  };
  const filled = fill().catch((error: Error) => {
    archive.destroy(error);
    throw error;
  });
  const pieces = Readable.from(archive as AsyncIterable<Uint8Array>);
  // A failure to write ends the archive, and a failure to fill it ends the file: either is reported once.
  const written = writeFileAtomic(path, compressed ? pieces.compose(createGzip()) : pieces);
  written.catch((error: Error) => archive.destroy(error));
  const [fillResult, writeResult] = await Promise.allSettled([filled, written]);
  for (const result of [fillResult, writeResult]) if (result.status === "rejected") throw result.reason;
}
