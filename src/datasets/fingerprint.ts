import { createSha256, sha256 } from "../base/sha256.ts";
import { type AnyDataset, allRows, bytesPerImage, checkFields, type Dataset } from "./dataset.ts";
import { type Images, imagePieces, readImages } from "./images.ts";

/**
 * Identifies the data: SHA-256, in lowercase hex, of shape, class names, images and labels. Provenance, skipped files,
 * groups, names, and whether the images are in memory do not matter.
 */
export async function fingerprint(dataset: AnyDataset): Promise<string> {
  checkFields(dataset);
  const { imageShape, classNames, labels } = dataset;
  const parts = { imageShape, classNames, images: await imagesSha256(dataset), labels: await sha256(labels) };
  return sha256(new TextEncoder().encode(JSON.stringify(parts)));
}

/** SHA-256 of all images in lowercase hex: as recorded in the data set, otherwise computed. */
async function imagesSha256(dataset: AnyDataset): Promise<string> {
  if ("images" in dataset) return sha256(dataset.images);
  if (dataset.imagesSha256 !== undefined) return dataset.imagesSha256;
  const hash = createSha256();
  for (const piece of imagePieces(dataset)) hash.update(piece);
  return hash.digest();
}

/**
 * Identifies the data regardless of the order of images and classes: SHA-256, in lowercase hex, of the shape, the sorted
 * class names, and the sorted list of every image's SHA-256 and class name. Unlike with {@link fingerprint}, two sources
 * with the same labeled images in different orders have the same one.
 */
export async function unorderedFingerprint(dataset: Dataset): Promise<string> {
  checkFields(dataset);
  const { imageShape, classNames, labels } = dataset;
  const digests = await imageDigests(dataset, allRows(dataset));
  const images = digests.map((digest, row) => `${digest} ${classNames[labels[row]!]}`).sort();
  const parts = { imageShape, classNames: [...classNames].sort(), images };
  return sha256(new TextEncoder().encode(JSON.stringify(parts)));
}

/** Checksums that are computed concurrently: one after another would take six times as long. */
const AT_ONCE = 1024;

/** SHA-256, in lowercase hex, of the pixels [H, W, C] of each of the given rows: identifies an image whatever its row. */
export async function imageDigests(dataset: Images, rows: ArrayLike<number>): Promise<readonly string[]> {
  const size = bytesPerImage(dataset);
  const digests: string[] = [];
  for (let first = 0; first < rows.length; first += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, rows.length - first) }, (_, i) => rows[first + i]!);
    const pixels = new Uint8Array(some.length * size);
    readImages(dataset, some, pixels);
    digests.push(...(await Promise.all(some.map((_, i) => sha256(pixels.subarray(i * size, (i + 1) * size))))));
  }
  return digests;
}
