import { allocate, concatBytes } from "../base/bytes.ts";
import { crc32 } from "../base/crc32.ts";
import { InklingError } from "../base/error.ts";
import { createSha256, sha256 } from "../base/sha256.ts";
import {
  type AnyDataset,
  bytesPerImage,
  type Dataset,
  type StreamedDataset,
  validateDataset,
} from "../datasets/dataset.ts";
import { imagePieces } from "../datasets/images.ts";
import { deflate, inflate, STREAM_IT } from "./deflate.ts";
import { type Format, watched } from "./format.ts";
import {
  PACK_VERSION,
  type PackHeader,
  type PackSection,
  parseHeader,
  parseNames,
  type SectionName,
  sectionTypes,
} from "./packHeader.ts";
import { memorySource, type RandomAccess, type Source, type SyncRead } from "./platform.ts";

/**
 * Inkling's one-file form of a data set, `.inkling`:
 *
 *     8 bytes   magic
 *     4 bytes   length of the header, little-endian
 *     64 bytes  SHA-256 of the header, in hex
 *     header    JSON: formatVersion, kind, imageShape, classNames, count, provenance, skipped, sections
 *     sections  images, labels, groups, names (if any), crc32 (if not compressed), in the header's order, little-endian
 */

/** As PNG's: a high bit, a name, and the line ends that a transfer as text would damage. */
const PACK_MAGIC: Uint8Array = Uint8Array.of(0x89, 0x49, 0x4e, 0x4b, 0x0d, 0x0a, 0x1a, 0x0a);

/** Images of more bytes than this are stored as they are, unless `compress` is true. */
const COMPRESSED = 2 ** 28;

/** How to write a `.inkling` file. */
export interface PackOptions {
  /**
   * Whether sections are compressed. A file that is not opens at once, whatever its size, and its images can be read
   * a few at a time. Default: compressed, for a data set in memory of up to 256 MiB.
   */
  readonly compress?: boolean;
  /** What compresses them to the zlib format (RFC 1950). Default: the engine's CompressionStream. */
  readonly deflate?: (raw: Uint8Array) => Uint8Array | Promise<Uint8Array>;
}

/** The bytes of a `.inkling` file. Throws `INVALID_DATA` for a data set that does not fit together. */
export async function encodePack(dataset: AnyDataset, options: PackOptions = {}): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of packPieces(dataset, options)) pieces.push(piece);
  return concatBytes(pieces);
}

/** The bytes of a `.inkling` file, piece by piece: not all images are in memory at a time, unless they are already. */
export async function* packPieces(dataset: AnyDataset, options: PackOptions = {}): AsyncGenerator<Uint8Array> {
  const { imageShape, classNames, labels, provenance, skipped } = validateDataset(dataset);
  const parts: Part[] = [];
  for await (const part of partsOf(dataset, options)) parts.push(part);
  const header: PackHeader = {
    formatVersion: PACK_VERSION,
    kind: "dataset",
    imageShape: [...imageShape],
    classNames: [...classNames],
    count: labels.length,
    provenance,
    skipped: [...skipped],
    sections: parts.map(({ section }) => section),
  };
  const json = new TextEncoder().encode(JSON.stringify(header));
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, json.length, true);
  const digest = new TextEncoder().encode(await sha256(json));
  yield concatBytes([PACK_MAGIC, length, digest, json]);
  for (const { bytes } of parts) yield* bytes();
}

/** A section, and its bytes in the file, which may be made anew each time. */
interface Part {
  readonly section: PackSection;
  readonly bytes: () => Iterable<Uint8Array>;
}

async function* partsOf(dataset: AnyDataset, options: PackOptions): AsyncGenerator<Part> {
  const { labels, groups, names } = dataset;
  const size = labels.length * bytesPerImage(dataset);
  const compress = options.compress ?? ("images" in dataset && size <= COMPRESSED);
  const part = (name: SectionName, values: Uint8Array | Uint16Array | Uint32Array) => {
    const raw = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    return compress ? compressed(name, raw, options.deflate ?? deflate) : stored(name, raw.length, () => [raw]);
  };
  const pieces = () => imagePieces(dataset);
  if (compress) yield part("images", "images" in dataset ? dataset.images : concatBytes([...pieces()]));
  else yield stored("images", size, pieces);
  yield part("labels", labels);
  if (groups) yield part("groups", groups);
  if (names) yield part("names", new TextEncoder().encode(JSON.stringify(names)));
  if (!compress) yield part("crc32", checksumsOf(dataset));
}

async function compressed(name: SectionName, raw: Uint8Array, by: NonNullable<PackOptions["deflate"]>): Promise<Part> {
  const bytes = await by(raw);
  return { section: sectionOf(name, "deflate", bytes.length, raw.length, await sha256(raw)), bytes: () => [bytes] };
}

async function stored(name: SectionName, length: number, bytes: () => Iterable<Uint8Array>): Promise<Part> {
  const hash = createSha256();
  for (const piece of bytes()) hash.update(piece);
  return { section: sectionOf(name, "raw", length, length, hash.digest()), bytes };
}

const sectionOf = (
  name: SectionName,
  encoding: PackSection["encoding"],
  bytes: number,
  rawBytes: number,
  sha256: string,
): PackSection => ({ name, dtype: sectionTypes[name], encoding, bytes, rawBytes, sha256 });

/** The CRC-32 of each image. */
function checksumsOf(dataset: AnyDataset): Uint32Array {
  const size = bytesPerImage(dataset);
  const checksums = new Uint32Array(dataset.labels.length);
  let row = 0;
  for (const piece of imagePieces(dataset))
    for (let at = 0; at < piece.length; at += size) checksums[row++] = crc32(piece.subarray(at, at + size));
  return checksums;
}

const DIGEST_AT = PACK_MAGIC.length + 4;
const HEADER_AT = DIGEST_AT + 64;

/** Whether bytes begin as a `.inkling` file does. */
const isPack = (head: Uint8Array): boolean => PACK_MAGIC.every((byte, i) => head[i] === byte);

/** A data set whose images are still in the file, and where there: as they are, one after another. */
interface PackedImages {
  readonly dataset: Omit<StreamedDataset, "read"> & Required<Pick<StreamedDataset, "imagesSha256" | "crc32">>;
  readonly at: number;
}

/**
 * The data set in a `.inkling` file. Every size is checked before memory is taken for it, and every byte by a
 * checksum. Throws `UNKNOWN_FORMAT` for another file or version, `INVALID_DATA` for a damaged or truncated one,
 * `UNSUPPORTED` for images that memory cannot hold.
 */
export const decodePack = (bytes: Uint8Array): Promise<Dataset> => readPack(memorySource(bytes));

/** {@link decodePack} for a file that is read piece by piece. */
async function readPack(file: RandomAccess): Promise<Dataset> {
  const { header, sections } = await readHeader(file);
  const { crc32: _, ...others } = sections;
  const images = new Uint8Array(await readSection(file, others.images!));
  return validateDataset({ images, ...(await readOthers(file, header, others)) });
}

/** All of a `.inkling` file but its images; nothing where they cannot be read one by one. Throws as {@link readPack}. */
async function readPackedImages(file: RandomAccess): Promise<PackedImages | undefined> {
  const { header, sections } = await readHeader(file);
  const { images, crc32 } = sections;
  if (images!.section.encoding !== "raw" || !crc32) return undefined;
  const others = await readOthers(file, header, sections);
  const checksums = new Uint32Array(await readSection(file, crc32));
  const dataset = { ...others, imagesSha256: images!.section.sha256, crc32: checksums };
  validateDataset({ ...dataset, read: () => {} });
  return { dataset, at: images!.at };
}

interface Placed {
  readonly section: PackSection;
  /** Of its first byte in the file. */
  readonly at: number;
}
type Sections = { readonly [name in SectionName]?: Placed };

const damagedPack = (what: string) =>
  new InklingError("INVALID_DATA", `pack: ${what}; the file is damaged or truncated: fetch or build it again`);

async function readHeader(file: RandomAccess): Promise<{ readonly header: PackHeader; readonly sections: Sections }> {
  const head = await file.read(0, Math.min(file.size, HEADER_AT));
  if (!isPack(head)) throw new InklingError("UNKNOWN_FORMAT", "pack: this is not an .inkling file");
  if (head.length < HEADER_AT) throw damagedPack(`it ends after ${head.length} bytes, before its header`);
  const length = new DataView(head.buffer, head.byteOffset).getUint32(PACK_MAGIC.length, true);
  const after = file.size - HEADER_AT - length;
  if (after < 0) throw damagedPack(`its header claims ${length} bytes, and ${file.size - HEADER_AT} are left`);
  const digest = new TextDecoder().decode(head.subarray(DIGEST_AT, HEADER_AT));
  const json = await file.read(HEADER_AT, length);
  if ((await sha256(json)) !== digest) throw damagedPack("its header's checksum is wrong");
  const header = parseHeader(json, after);
  const sections: { [name in SectionName]?: Placed } = {};
  let at = HEADER_AT + length;
  for (const section of header.sections) {
    sections[section.name] = { section, at };
    at += section.bytes;
  }
  return { header, sections };
}

/** Everything but images. */
async function readOthers(
  file: RandomAccess,
  { imageShape, classNames, provenance, skipped }: PackHeader,
  { labels, groups, names }: Sections,
): Promise<Omit<Dataset, "images">> {
  return {
    labels: new Uint16Array(await readSection(file, labels!)),
    ...(groups && { groups: new Uint32Array(await readSection(file, groups)) }),
    ...(names && { names: parseNames(await readSection(file, names)) }),
    imageShape,
    classNames,
    provenance,
    skipped,
  };
}

/** The bytes of a section, checked. */
async function readSection(file: RandomAccess, { section, at }: Placed): Promise<ArrayBuffer> {
  const { name, encoding, bytes, rawBytes } = section;
  const raw =
    encoding === "raw"
      ? await readRaw(file, name, at, bytes)
      : await inflate(`pack: ${name}`, await file.read(at, bytes), rawBytes);
  if ((await sha256(raw)) !== section.sha256) throw damagedPack(`the checksum of its ${name} is wrong`);
  return raw.buffer;
}

/** Bytes that are read at once. */
const AT_ONCE = 2 ** 20;

async function readRaw(file: RandomAccess, name: string, at: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
  const raw = allocate(length, `pack: ${name}`, STREAM_IT);
  for (let from = 0; from < length; from += AT_ONCE)
    raw.set(await file.read(at + from, Math.min(AT_ONCE, length - from)), from);
  return raw;
}

/**
 * Reads images where they are in a file. Throws `INVALID_DATA` where an image does not have its checksum, and what
 * `readSync` of the file throws.
 */
function imageReader(
  readSync: NonNullable<Source["readSync"]>,
  path: string,
  { dataset, at }: PackedImages,
): StreamedDataset["read"] {
  const size = bytesPerImage(dataset);
  return (rows, target) => {
    const parts: SyncRead[] = [];
    for (let first = 0, end = 0; first < rows.length; first = end) {
      do end++;
      while (end < rows.length && rows[end] === rows[end - 1]! + 1);
      parts.push({ at: at + rows[first]! * size, target: target.subarray(first * size, end * size) });
    }
    readSync(parts);
    for (let i = 0; i < rows.length; i++)
      if (crc32(target.subarray(i * size, (i + 1) * size)) !== dataset.crc32[rows[i]!])
        throw new InklingError(
          "INVALID_DATA",
          `${path}: the checksum of image ${rows[i]} is wrong; the file is damaged: fetch or build it again`,
        );
  };
}

/** Inkling's own file. */
export const pack: Format = {
  id: "inkling",
  name: "an .inkling file",
  extensions: [".inkling"],
  matches: ({ head }) => isPack(head),
  open: (source: Source, options) => readPack(watched(source, options)),
  async stream(source: Source, options) {
    if (!source.readSync) return undefined;
    const packed = await readPackedImages(watched(source, options));
    return packed && { ...packed.dataset, read: imageReader(source.readSync, source.path, packed) };
  },
  encode: (dataset, name) => [{ name, contents: packPieces(dataset) }],
};
