import { concat } from "../base/concat.ts";
import { crc32 } from "../base/crc32.ts";
import { createSha256, sha256 } from "../base/sha256.ts";
import { type AnyDataset, bytesPerImage, validateDataset } from "../datasets/dataset.ts";
import { imagePieces } from "../datasets/images.ts";
import { deflate } from "./deflate.ts";
import { PACK_VERSION, type PackHeader, type PackSection, type SectionName, sectionTypes } from "./packHeader.ts";

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
export const PACK_MAGIC: Uint8Array = Uint8Array.of(0x89, 0x49, 0x4e, 0x4b, 0x0d, 0x0a, 0x1a, 0x0a);

/** Images of more bytes than this are stored as they are, unless compression is asked for. */
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
  return concat(pieces);
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
  yield concat([PACK_MAGIC, length, digest, json]);
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
  if (compress) yield part("images", "images" in dataset ? dataset.images : concat([...pieces()]));
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
