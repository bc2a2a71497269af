import { concatBytes } from "../base/bytes.ts";
import { InklingError } from "../base/error.ts";
import { sizeOf } from "../base/shape.ts";
import { allRows, bytesPerImage, type Dataset } from "../datasets/dataset.ts";
import { imageDigests } from "../datasets/fingerprint.ts";
import type { Format, SavedFormat } from "../formats/format.ts";
import { formats, isSaved } from "../formats/formats.ts";
import { type Folder, memorySource, type Place, type Platform, type Source } from "../formats/platform.ts";
import { openPlace } from "../sources/openPlace.ts";
import { providedPlatform } from "../sources/platform.ts";
import type { Test } from "./test.ts";
import { unitValues } from "./values.ts";

/** Files that hold a data set. */
export interface FormatExample {
  /** The file or folder to open. */
  readonly name: string;
  /** The contents of it and of the files beside it, by path. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly dataset: Dataset;
}

/** How a format is tested. */
export interface FormatTestOptions {
  /** The data sets to save and open again. Default: noise, 12 gray 6×5 images in 3 classes. */
  readonly datasets?: readonly Dataset[];
  /** Files to open, of a format that is only read. */
  readonly examples?: readonly FormatExample[];
}

/** Images of noise, ordered by class, which all formats preserve. */
const noise = (): Dataset => ({
  images: Uint8Array.from(unitValues(12 * 30, 500), (value) => (value + 1) * 128),
  labels: Uint16Array.from({ length: 12 }, (_, i) => Math.floor(i / 4)),
  imageShape: [6, 5, 1],
  classNames: ["A", "B", "C"],
  provenance: { source: "noise", description: "noise for tests" },
  skipped: [],
});

type Files = ReadonlyMap<string, Uint8Array>;

/** A folder of files in memory. */
function memoryFolder(path: string, files: Files): Folder {
  const find = async (name: string) => sourceIn(files, name);
  return {
    kind: "folder",
    path,
    name: path,
    names: async () => [...new Set([...files.keys()].map((name) => name.split("/")[0]!))],
    find,
    async *walk() {
      yield* files.keys();
    },
    entry: async (name) => (await find(name)) ?? "it is not there",
  };
}

function sourceIn(files: Files, name: string): Source | undefined {
  const bytes = files.get(name);
  return bytes && memorySource(bytes, name, memoryFolder(".", files));
}

/** The place where a data set was saved: the file or the folder of that name. */
function placeOf(files: Files, name: string): Place {
  const inside = [...files].filter(([file]) => file.startsWith(`${name}/`));
  if (inside.length === 0) return sourceIn(files, name) ?? memoryFolder(name, files);
  return memoryFolder(name, new Map(inside.map(([file, bytes]) => [file.slice(name.length + 1), bytes])));
}

async function save(format: SavedFormat, dataset: Dataset, name: string, platform: Platform): Promise<Files> {
  const files = new Map<string, Uint8Array>();
  for (const file of format.encode(dataset, name, {}, platform)) {
    const pieces: Uint8Array[] = [];
    for await (const piece of file.contents) pieces.push(piece);
    if (!file.name.endsWith("/")) files.set(file.name, concatBytes(pieces));
  }
  return files;
}

/** The files of {@link save}; nothing for a format that cannot hold the data set, or that is only read. */
async function saveIfPossible(
  format: Format,
  dataset: Dataset,
  name: string,
  platform: Platform,
): Promise<Files | undefined> {
  try {
    return isSaved(format) ? await save(format, dataset, name, platform) : undefined;
  } catch (error) {
    if (error instanceof InklingError) return undefined;
    throw error;
  }
}

/** The file name of a data set in this format. */
const nameOf = ({ fileName, extensions: [extension = ""] }: Format): string =>
  fileName ? fileName("training") : extension === "/" ? "set" : `set${extension}`;

/** Throws unless opening returns a consistent data set or throws an `InklingError`. */
async function openOrRefuse(what: string, open: () => Promise<Dataset>): Promise<void> {
  try {
    const { images, labels, imageShape } = await open();
    if (images.length !== labels.length * sizeOf(imageShape))
      throw new Error(`${what}: ${images.length} bytes of images for ${labels.length} labels`);
  } catch (error) {
    if (!(error instanceof InklingError))
      throw new Error(
        `${what}: opening it threw ${error}; expected an InklingError: check sizes and positions against the length of the file before reading there, and throw damaged(…)`,
        { cause: error },
      );
  }
}

/** Throws naming the first shape, class, label or pixel of what was opened that is not what was saved, in any order. */
async function checkSameData(opened: Dataset, saved: Dataset): Promise<void> {
  const same = (what: string, got: readonly unknown[], want: readonly unknown[]) => {
    if (JSON.stringify(got) !== JSON.stringify(want))
      throw new Error(`${what} that was opened is ${JSON.stringify(got)}, expected ${JSON.stringify(want)}`);
  };
  same("imageShape", opened.imageShape, saved.imageShape);
  same("classNames", opened.classNames.toSorted(), saved.classNames.toSorted());
  same("the number of images", [opened.labels.length], [saved.labels.length]);
  const classOf = ({ classNames, labels }: Dataset, row: number) => classNames[labels[row]!]!;
  const found = new Map<string, string[]>();
  for (const [row, digest] of (await imageDigests(opened, allRows(opened))).entries())
    found.set(digest, [...(found.get(digest) ?? []), classOf(opened, row)]);
  for (const [row, digest] of (await imageDigests(saved, allRows(saved))).entries()) {
    const [want, classes] = [classOf(saved, row), found.get(digest) ?? []];
    if (classes.length === 0) throw new Error(`image ${row}, of class ${want}: ${firstDifference(opened, saved, row)}`);
    if (!classes.includes(want)) throw new Error(`image ${row} was opened as class ${classes[0]}, expected ${want}`);
    classes.splice(classes.indexOf(want), 1);
  }
}

/** Where the images of a row differ. */
function firstDifference(opened: Dataset, saved: Dataset, row: number): string {
  const size = bytesPerImage(saved);
  const [got, want] = [opened, saved].map(({ images }) => images.subarray(row * size, (row + 1) * size)) as [
    Uint8Array,
    Uint8Array,
  ];
  const at = want.findIndex((value, i) => value !== got[i]);
  if (at < 0) return "it was opened fewer times than it was saved";
  const [, width, channels] = saved.imageShape;
  const place = [Math.floor(at / (width * channels)), Math.floor(at / channels) % width, at % channels];
  return `none that was opened has its pixels; in image ${row}, [${place}] is ${got[at]}, expected ${want[at]}`;
}

/**
 * Tests of a registered format. Data sets are saved and opened again with the same images, labels and class names; the
 * format does not match files of other formats, nor other formats its files; a file that is truncated or has wrong bytes
 * is read or rejected with an `InklingError`, and causes no other error.
 */
export function formatTests(format: Format, options: FormatTestOptions = {}): readonly Test[] {
  const platform = providedPlatform();
  const examples = async (): Promise<readonly FormatExample[]> => {
    if (!isSaved(format)) return options.examples ?? [];
    const name = nameOf(format);
    const { datasets = [noise()] } = options;
    return Promise.all(
      datasets.map(async (dataset) => ({ name, dataset, files: await save(format, dataset, name, platform) })),
    );
  };
  const count = isSaved(format) ? (options.datasets?.length ?? 1) : (options.examples?.length ?? 0);
  return [
    {
      name: "is registered",
      run() {
        if (!formats.includes(format)) throw new Error(`${format.id}: call registerFormat first`);
      },
    },
    {
      name: "has something to open",
      run() {
        if (count === 0) throw new Error(`${format.id}: it is only read, so give examples`);
      },
    },
    ...Array.from({ length: count }, (_, k) => ({
      name: isSaved(format) ? `saves and opens data set ${k + 1}` : `opens example ${k + 1}`,
      async run() {
        const { name, files, dataset } = (await examples())[k]!;
        const written = format.written?.(name) ?? [name];
        for (const file of isSaved(format) ? files.keys() : [])
          if (!written.some((one) => file === one || file.startsWith(`${one}/`)))
            throw new Error(`${file} is written, expected only ${written.join(", ")}`);
        const opened = await openPlace(placeOf(files, name), {}, platform);
        await checkSameData(opened, dataset);
      },
    })),
    {
      name: "does not match other formats",
      async run() {
        for (const other of formats) {
          if (other === format) continue;
          const files = await saveIfPossible(other, options.datasets?.[0] ?? noise(), nameOf(other), platform);
          if (!files) continue;
          const place = placeOf(files, nameOf(other));
          const head = place.kind === "file" ? (await place.bytes()).subarray(0, 512) : new Uint8Array();
          const names = place.kind === "folder" ? { names: await place.names() } : {};
          if (format.matches({ name: place.name, head, inner: new Uint8Array(), ...names }))
            throw new Error(`it matches a file of the format ${other.id}`);
        }
      },
    },
    {
      name: "rejects damaged files",
      async run() {
        const [{ name, files }] = (await examples()) as [FormatExample];
        for (const [file, bytes] of files) {
          const open = (changed: Uint8Array) =>
            openPlace(placeOf(new Map([...files, [file, changed]]), name), {}, platform);
          for (let cut = 0; cut < bytes.length; cut += Math.max(1, Math.floor(bytes.length / 16)))
            await openOrRefuse(`${file}, cut after ${cut} bytes`, () => open(bytes.subarray(0, cut)));
          for (let k = 0; k < 64; k++) {
            const at = Math.floor((k * bytes.length) / 64);
            const changed = Uint8Array.from(bytes);
            changed[at]! ^= 1 + ((k * 37) % 255);
            await openOrRefuse(`${file}, byte ${at} is ${changed[at]}`, () => open(changed));
          }
        }
      },
    },
  ];
}
