import { createSha256, sha256 } from "../base/sha256.ts";
import { type AnyDataset, allRows, bytesPerImage, type Dataset } from "./dataset.ts";
import { imagePieces } from "./images.ts";

/**
 * What identifies the data, in hex: SHA-256 over shape, class names, images and labels. Where they
 * come from, what was skipped, how they are grouped and named, and whether they are in memory do not count.
 */
export async function fingerprint(dataset: AnyDataset): Promise<string> {
  const { imageShape, classNames, labels } = dataset;
  const parts = { imageShape, classNames, images: await imagesSha256(dataset), labels: await sha256(labels) };
  return sha256(new TextEncoder().encode(JSON.stringify(parts)));
}

/** SHA-256 of all images in hex, as the data set says, or else of what it holds. */
export async function imagesSha256(dataset: AnyDataset): Promise<string> {
  if ("images" in dataset) return sha256(dataset.images);
  if (dataset.imagesSha256 !== undefined) return dataset.imagesSha256;
  const hash = createSha256();
  for (const piece of imagePieces(dataset)) hash.update(piece);
  return hash.digest();
}

/**
 * What identifies the data whatever the order of images and classes, in hex: SHA-256 over shape, class names in order,
 * and the sorted list of every image's SHA-256 with the name of its class. Two sources with the same labelled images
 * have the same one, where {@link fingerprint} tells their orders apart.
 */
export async function unorderedFingerprint(dataset: Dataset): Promise<string> {
  const { imageShape, classNames, labels } = dataset;
  const digests = await imageDigests(dataset, allRows(dataset));
  const images = digests.map((digest, row) => `${digest} ${classNames[labels[row]!]}`).sort();
  const parts = { imageShape, classNames: [...classNames].sort(), images };
  return sha256(new TextEncoder().encode(JSON.stringify(parts)));
}

/** Checksums that are under way at a time: one after another would take six times as long. */
const AT_ONCE = 1024;

/** SHA-256 of the pixels of each of these rows, in hex: what an image is known by, wherever it stands. */
export async function imageDigests(
  dataset: Pick<Dataset, "images" | "imageShape">,
  rows: ArrayLike<number>,
): Promise<readonly string[]> {
  const size = bytesPerImage(dataset);
  const digests: string[] = [];
  for (let first = 0; first < rows.length; first += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, rows.length - first) }, (_, i) => rows[first + i]!);
    digests.push(
      ...(await Promise.all(some.map((row) => sha256(dataset.images.subarray(row * size, (row + 1) * size))))),
    );
  }
  return digests;
}
