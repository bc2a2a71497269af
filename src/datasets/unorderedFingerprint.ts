import { sha256 } from "../base/sha256.ts";
import { allRows, type Dataset } from "./dataset.ts";
import { imageDigests } from "./imageDigests.ts";

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
