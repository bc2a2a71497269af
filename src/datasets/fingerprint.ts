import { createSha256, sha256 } from "../base/sha256.ts";
import type { AnyDataset } from "./dataset.ts";
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
