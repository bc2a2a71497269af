import type { Dataset } from "../datasets/dataset.ts";
import { type Format, type NamedBytes, tooLarge, watched } from "./format.ts";
import { datasetOfNamedArrays, wantedArrays, withoutPair } from "./namedArrays.ts";
import type { NdArray } from "./ndarray.ts";
import { checkNpySize, decodeNpy, encodeNpy, npyShape } from "./npy.ts";
import { type InflateRaw, MAX_UNPACKED, type RandomAccess, type Source } from "./platform.ts";
import { isZip, readZipDirectory, readZipEntry } from "./zipReader.ts";
import { writeZip } from "./zipWriter.ts";

/** Whether bytes are the start of an .npz file: a .zip archive whose first file is an .npy file. */
export function isNpz(head: Uint8Array): boolean {
  if (!isZip(head) || head.length < 30) return false;
  const nameBytes = head[26]! + 256 * head[27]!;
  return new TextDecoder().decode(head.subarray(30, 30 + nameBytes)).endsWith(".npy");
}

/**
 * Reads the arrays of an .npz file for whose names `wanted` returns true. `refuseLarge` is called with the uncompressed
 * size of each compressed array, and may throw. Throws `INVALID_DATA`.
 */
export async function decodeNpz(
  source: RandomAccess,
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

/** The largest array that is unpacked only to tell its shape. */
const MAX_SHOWN = 2 ** 26;

/** The shapes of those arrays of an .npz file that can be read. */
async function shapesIn(source: RandomAccess, inflateRaw: InflateRaw, what: string) {
  const shapes = new Map<string, readonly number[] | undefined>();
  for (const entry of await readZipDirectory(source, what)) {
    const name = entry.name.replace(/\.npy$/, "");
    if (entry.type !== "file" || name === entry.name) continue;
    const isReadable = !entry.unreadable && entry.size <= MAX_SHOWN;
    const shape = isReadable && (await readZipEntry(source, entry, inflateRaw, what).then(npyShape, () => undefined));
    shapes.set(name, shape || undefined);
  }
  return shapes;
}

/** The files of an .npz: arrays `images`, `labels`, `class_names` and, if the data set has groups, `groups`. */
export function* npzEntries({ images, labels, imageShape, classNames, groups }: Dataset): Generator<NamedBytes> {
  const file = (name: string, values: Parameters<typeof encodeNpy>[0], shape: readonly number[]): NamedBytes => ({
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

/** numpy's archive of arrays: images and labels, or those of a training and a test part; see {@link wantedArrays}. */
export const npz: Format = {
  id: "npz",
  name: "an .npz file with arrays images and labels",
  extensions: [".npz"],
  matches: ({ head }) => isNpz(head),
  async open(source: Source, options, { inflateRaw }) {
    const { path, name } = source;
    const { classNames } = options;
    const refuseLarge = (place: string, size: number) => {
      if (size > MAX_UNPACKED)
        throw tooLarge(place, size, MAX_UNPACKED, "save it with numpy.savez, which does not compress");
    };
    const names = (await readZipDirectory(source, path)).map((entry) => entry.name.replace(/\.npy$/, ""));
    const wanted = wantedArrays(names);
    if (wanted.size === 0) throw withoutPair(await shapesIn(source, inflateRaw, path), path);
    const arrays = await decodeNpz(
      watched(source, options),
      inflateRaw,
      (array) => wanted.has(array),
      path,
      refuseLarge,
    );
    const provenance = { source: path, description: `arrays of ${name}` };
    return datasetOfNamedArrays(arrays, { what: path, read: options, provenance, classNames });
  },
  encode: (dataset, name, _, { deflateRaw }) => [{ name, contents: writeZip(npzEntries(dataset), deflateRaw) }],
};
