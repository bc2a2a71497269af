import type { Dataset } from "../datasets/dataset.ts";
import type { NdArray } from "./ndarray.ts";
import { checkNpySize, decodeNpy, encodeNpy } from "./npy.ts";
import type { InflateRaw, Source } from "./source.ts";
import { isZip, readZipDirectory, readZipEntry } from "./zip.ts";
import type { ZipInput } from "./zipWriter.ts";

/** Whether bytes begin as a .npz file does: a .zip archive whose first file is a .npy. */
export function isNpz(head: Uint8Array): boolean {
  if (!isZip(head) || head.length < 30) return false;
  const nameBytes = head[26]! + 256 * head[27]!;
  return new TextDecoder().decode(head.subarray(30, 30 + nameBytes)).endsWith(".npy");
}

/**
 * The arrays of a .npz file whose names are wanted. Others are not read. `refuseLarge` may refuse what is
 * compressed by its size. Throws `INVALID_DATA`.
 */
export async function decodeNpz(
  source: Source,
  inflateRaw: InflateRaw,
  wanted: (name: string) => boolean,
  what = "npz",
  refuseLarge?: (place: string, size: number) => void,
): Promise<Map<string, NdArray>> {
  const arrays = new Map<string, NdArray>();
  for (const entry of await readZipDirectory(source, what)) {
    const name = entry.name.replace(/\.npy$/, "");
    if (entry.type !== "file" || entry.unreadable || name === entry.name || !wanted(name)) continue;
    const place = `${what}: ${name}`;
    const check = (start: Uint8Array) => checkNpySize(start, entry.size, place);
    if (entry.method === 8) refuseLarge?.(place, entry.size);
    arrays.set(name, decodeNpy(await readZipEntry(source, entry, inflateRaw, what, check), place));
  }
  return arrays;
}

/** The arrays `images`, `labels`, `class_names` and, if any, `groups` of a data set, as the files of a .npz. */
export function* npzEntries({ images, labels, imageShape, classNames, groups }: Dataset): Generator<ZipInput> {
  const file = (name: string, values: Parameters<typeof encodeNpy>[0], shape: readonly number[]): ZipInput => ({
    name: `${name}.npy`,
    bytes: encodeNpy(values, shape),
  });
  const [height, width, channels] = imageShape;
  const shape = channels === 1 ? [labels.length, height, width] : [labels.length, ...imageShape];
  yield file("images", images, shape);
  yield file("labels", Int32Array.from(labels), [labels.length]);
  yield file("class_names", classNames, [classNames.length]);
  if (groups) yield file("groups", groups, [groups.length]);
}
