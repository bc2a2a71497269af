import { checkBytes, concatBytes, viewOf } from "../base/bytes.ts";
import { crc32 } from "../base/crc32.ts";
import { InklingError } from "../base/error.ts";
import { allocate } from "../base/memory.ts";
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
 * Inkling's file format for a data set, `.inkling`:
 *
 *     8 bytes   magic
 *     4 bytes   length of the header, little-endian
 *     64 bytes  SHA-256 of the header, in hex
 *     header    JSON: formatVersion, kind, imageShape, classNames, count, provenance, conversion (if any), skipped,
 *               sections
 *     sections  images, labels, groups, parts, names (if any), crc32 (if not compressed), in the header's order, little-endian
 */

/** Like PNG's: a byte with its high bit set, a name, and line endings that would be damaged by a transfer as text. */
const PACK_MAGIC: Uint8Array = Uint8Array.of(0x89, 0x49, 0x4e, 0x4b, 0x0d, 0x0a, 0x1a, 0x0a);

/** Images of more bytes than this are stored uncompressed, unless `compress` is true. */
const COMPRESSED = 2 ** 28;

/** How to write an `.inkling` file. */
export interface PackOptions {
  /**
   * Whether sections are compressed. An uncompressed file opens at once, whatever its size, and its images can be read on
   * demand. Default: true for a data set in memory of up to 256 MiB, otherwise false.
   */
  readonly compress?: boolean;
  /** Compresses a section to the zlib format (RFC 1950). Default: the engine's CompressionStream. */
  readonly deflate?: (raw: Uint8Array) => Uint8Array | Promise<Uint8Array>;
}

/** Encodes a data set as an `.inkling` file. Throws `INVALID_DATA` for an inconsistent data set. */
export async function encodePack(dataset: AnyDataset, options: PackOptions = {}): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of packPieces(dataset, options)) pieces.push(piece);
  return concatBytes(pieces);
}

/** {@link encodePack} in pieces, which does not load the images of a streamed data set into memory unless it compresses. */
export async function* packPieces(dataset: AnyDataset, options: PackOptions = {}): AsyncGenerator<Uint8Array> {
  const { imageShape, classNames, labels, conversion, skipped } = validateDataset(dataset);
  const { reading: _, ...provenance } = dataset.provenance; // that of the original source, not of this file
  const parts: Part[] = [];
  for await (const part of partsOf(dataset, options)) parts.push(part);
  const header: PackHeader = {
    formatVersion: PACK_VERSION,
    kind: "dataset",
    imageShape: [...imageShape],
    classNames: [...classNames],
    count: labels.length,
    provenance,
    ...(conversion && { conversion }),
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

/** A section and a function that returns its bytes, which may be generated on each call. */
interface Part {
  readonly section: PackSection;
  readonly bytes: () => Iterable<Uint8Array>;
}

async function* partsOf(dataset: AnyDataset, options: PackOptions): AsyncGenerator<Part> {
  const { labels, groups, parts, names } = dataset;
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
  if (parts) yield part("parts", parts);
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

/** Whether bytes are the start of an `.inkling` file. */
export const isPack = (head: Uint8Array): boolean => PACK_MAGIC.every((byte, i) => head[i] === byte);

/** A data set whose images are still in the file, uncompressed, and their position there. */
interface PackedImages {
  readonly dataset: Omit<StreamedDataset, "read"> & Required<Pick<StreamedDataset, "imagesSha256" | "crc32">>;
  readonly at: number;
}

/**
 * Decodes an `.inkling` file. Every size is checked before memory is allocated, and every byte is covered by a checksum.
 * Throws `UNKNOWN_FORMAT` for another kind of file or version, `INVALID_DATA` for a damaged or truncated file, and
 * `UNSUPPORTED` if the images do not fit in memory.
 */
export async function decodePack(bytes: Uint8Array): Promise<Dataset> {
  checkBytes(bytes, "data set");
  return readPack(memorySource(bytes));
}

/** {@link decodePack} for a file with random access. */
export async function readPack(file: RandomAccess): Promise<Dataset> {
  const { header, sections } = await readHeader(file);
  const { crc32: _, ...others } = sections;
  const images = new Uint8Array(await readSection(file, others.images!));
  return validateDataset({ images, ...(await readOthers(file, header, others)) });
}

/** Reads everything but the images; undefined if these cannot be read one by one. Throws as {@link readPack} does. */
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
  /** The position of its first byte in the file. */
  readonly at: number;
}
type Sections = { readonly [name in SectionName]?: Placed };

const damagedPack = (what: string) =>
  new InklingError("INVALID_DATA", `pack: ${what}; the file is damaged or truncated: fetch or build it again`);

async function readHeader(file: RandomAccess): Promise<{ readonly header: PackHeader; readonly sections: Sections }> {
  const head = await file.read(0, Math.min(file.size, HEADER_AT));
  if (!isPack(head)) throw new InklingError("UNKNOWN_FORMAT", "pack: this is not an .inkling file");
  if (head.length < HEADER_AT) throw damagedPack(`it ends after ${head.length} bytes, before its header`);
  const length = viewOf(head).getUint32(PACK_MAGIC.length, true);
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

/** Reads all sections except images and checksums. */
async function readOthers(
  file: RandomAccess,
  { imageShape, classNames, provenance, conversion, skipped }: PackHeader,
  { labels, groups, parts, names }: Sections,
): Promise<Omit<Dataset, "images">> {
  return {
    labels: new Uint16Array(await readSection(file, labels!)),
    ...(groups && { groups: new Uint32Array(await readSection(file, groups)) }),
    ...(parts && { parts: new Uint8Array(await readSection(file, parts)) }),
    ...(names && { names: parseNames(await readSection(file, names)) }),
    imageShape,
    classNames,
    provenance,
    ...(conversion && { conversion }),
    skipped,
  };
}

/** Reads a section, decompresses it, and checks its checksum. */
async function readSection(file: RandomAccess, { section, at }: Placed): Promise<ArrayBuffer> {
  const { name, encoding, bytes, rawBytes } = section;
  const raw =
    encoding === "raw"
      ? await readRaw(file, name, at, bytes)
      : await inflate(`pack: ${name}`, await file.read(at, bytes), rawBytes);
  if ((await sha256(raw)) !== section.sha256) throw damagedPack(`the checksum of its ${name} is wrong`);
  return raw.buffer;
}

/** Bytes per read. */
const AT_ONCE = 2 ** 20;

async function readRaw(file: RandomAccess, name: string, at: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
  const raw = allocate(length, `pack: ${name}`, STREAM_IT);
  for (let from = 0; from < length; from += AT_ONCE)
    raw.set(await file.read(at + from, Math.min(AT_ONCE, length - from)), from);
  return raw;
}

/**
 * A function that reads images from the file on demand. It throws `INVALID_DATA` if an image's checksum is wrong, and
 * whatever the file's `readSync` throws.
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

/** Reads a file; what is wrong with it is said of its path, in place of `pack`. */
const named = <T>({ path }: Source, reading: Promise<T>): Promise<T> =>
  reading.catch((cause: unknown) => {
    const own = "pack: ";
    if (!(cause instanceof InklingError && cause.message.startsWith(own))) throw cause;
    throw new InklingError(cause.code, `${path}: ${cause.message.slice(own.length)}`, { cause });
  });

/** Inkling's own file format. */
export const pack: Format = {
  id: "inkling",
  name: "an .inkling file",
  readAs: "an .inkling file",
  extensions: [".inkling"],
  matches: ({ head }) => isPack(head),
  open: (source: Source, options) => named(source, readPack(watched(source, options))),
  async stream(source: Source, options) {
    if (!source.readSync) return undefined;
    const packed = await named(source, readPackedImages(watched(source, options)));
    return packed && { ...packed.dataset, read: imageReader(source.readSync, source.path, packed) };
  },
  encode: (dataset, name) => [{ name, contents: packPieces(dataset) }],
};
