import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { InklingError } from "../../src/base/error.ts";
import type { Dataset } from "../../src/datasets/index.ts";

/** The path of a fixture that `fixtures/make.py` made. */
export const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

/** The pixels of the fixtures' images. */
export const fixturePixels = Uint8Array.from({ length: 12 * 4 * 3 }, (_, i) => (37 * i) % 256);

/** A data set of `count` images, ordered by class as files are. */
export function sorted(count: number, imageShape: Dataset["imageShape"], classNames: readonly string[]): Dataset {
  const size = imageShape[0] * imageShape[1] * imageShape[2];
  return {
    images: Uint8Array.from({ length: count * size }, (_, i) => (i * 37 + (i >> 3)) % 256),
    labels: Uint16Array.from({ length: count }, (_, i) => Math.floor((i * classNames.length) / count)),
    imageShape,
    classNames,
    provenance: { source: "test", description: "bytes for tests" },
    skipped: [],
  };
}

/** What a data set is, without where it and its images are from. */
export const content = ({ provenance: _, skipped: __, names: ___, conversion: ____, ...rest }: Dataset) => ({
  ...rest,
  images: Buffer.from(rest.images).toString("hex"),
});

/** Runs with a folder that is gone afterwards. */
export async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "inkling-formats-"));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The InklingError that a promise rejects with. */
export async function failure(promise: Promise<unknown>): Promise<InklingError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof InklingError) return error;
  throw new Error("no InklingError", { cause: error });
}
