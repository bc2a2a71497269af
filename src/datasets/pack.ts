import { InklingError } from "../tensor/error.ts";
import { type Dataset, validateDataset } from "./dataset.ts";
import { deflate, inflate } from "./deflate.ts";
import { concat } from "./formats/concat.ts";
import {
  PACK_VERSION,
  type PackHeader,
  type PackSection,
  parseHeader,
  parseNames,
  type SectionName,
  sectionTypes,
} from "./packHeader.ts";
import { sha256 } from "./sha256.ts";

/**
 * Inkling's one-file form of a data set, `.inkling`:
 *
 *     8 bytes   magic
 *     4 bytes   length of the header, little-endian
 *     64 bytes  SHA-256 of the header, in hex
 *     header    JSON: formatVersion, kind, imageShape, classNames, count, provenance, skipped, sections
 *     sections  images, labels, groups and names (if any), in the header's order, little-endian
 */

/** As PNG's: a high bit, a name, and the line ends that a transfer as text would damage. */
export const PACK_MAGIC: Uint8Array = Uint8Array.of(0x89, 0x49, 0x4e, 0x4b, 0x0d, 0x0a, 0x1a, 0x0a);
const DIGEST_AT = PACK_MAGIC.length + 4;
const HEADER_AT = DIGEST_AT + 64;

/** How to write a `.inkling` file. */
export interface PackOptions {
  /** Whether sections are compressed. Default: true. */
  readonly compress?: boolean;
  /** What compresses them to the zlib format (RFC 1950). Default: the engine's CompressionStream. */
  readonly deflate?: (raw: Uint8Array) => Uint8Array | Promise<Uint8Array>;
}

/** The bytes of a `.inkling` file. Throws `INVALID_DATA` for a data set that does not fit together. */
export async function encodePack(dataset: Dataset, options: PackOptions = {}): Promise<Uint8Array> {
  const { images, labels, groups, names, imageShape, classNames, provenance, skipped } = validateDataset(dataset);
  const compress = options.compress ?? true;
  const sections: PackSection[] = [];
  const stored: Uint8Array[] = [];
  const contents = { images, labels, groups, names: names && new TextEncoder().encode(JSON.stringify(names)) };
  for (const [name, values] of Object.entries(contents) as [SectionName, (typeof contents)[SectionName]][]) {
    if (!values) continue;
    const raw = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    const bytes = compress ? await (options.deflate ?? deflate)(raw) : raw;
    sections.push({
      name,
      dtype: sectionTypes[name],
      encoding: compress ? "deflate" : "raw",
      bytes: bytes.length,
      rawBytes: raw.length,
      sha256: await sha256(raw),
    });
    stored.push(bytes);
  }
  const header: PackHeader = {
    formatVersion: PACK_VERSION,
    kind: "dataset",
    imageShape: [...imageShape],
    classNames: [...classNames],
    count: labels.length,
    provenance,
    skipped: [...skipped],
    sections,
  };
  const json = new TextEncoder().encode(JSON.stringify(header));
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, json.length, true);
  const digest = new TextEncoder().encode(await sha256(json));
  return concat([PACK_MAGIC, length, digest, json, ...stored]);
}

/** Whether bytes begin as a `.inkling` file does. */
export const isPack = (head: Uint8Array): boolean => PACK_MAGIC.every((byte, i) => head[i] === byte);

/**
 * The data set in a `.inkling` file. Every size is checked before memory is taken for it, and every byte by a
 * checksum. Throws `UNKNOWN_FORMAT` for another file or version, `INVALID_DATA` for a damaged or truncated one.
 */
export async function decodePack(bytes: Uint8Array): Promise<Dataset> {
  if (!isPack(bytes))
    throw new InklingError("UNKNOWN_FORMAT", "pack: the first bytes are not those of an .inkling file; give one");
  const damaged = (what: string) =>
    new InklingError("INVALID_DATA", `pack: ${what}; the file is damaged or truncated: fetch or build it again`);
  if (bytes.length < HEADER_AT) throw damaged(`it ends after ${bytes.length} bytes, before its header`);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(PACK_MAGIC.length, true);
  if (length > bytes.length - HEADER_AT)
    throw damaged(`its header claims ${length} bytes, and ${bytes.length - HEADER_AT} are left`);
  const json = bytes.subarray(HEADER_AT, HEADER_AT + length);
  const digest = new TextDecoder().decode(bytes.subarray(DIGEST_AT, HEADER_AT));
  if ((await sha256(json)) !== digest) throw damaged("its header's checksum is wrong");

  const header = parseHeader(json, bytes.length - HEADER_AT - length);
  const buffers = new Map<SectionName, ArrayBuffer>();
  let at = HEADER_AT + length;
  for (const section of header.sections) {
    const stored = bytes.subarray(at, (at += section.bytes));
    const raw =
      section.encoding === "raw" ? stored.slice() : await inflate(`pack: ${section.name}`, stored, section.rawBytes);
    if ((await sha256(raw)) !== section.sha256) throw damaged(`the checksum of its ${section.name} is wrong`);
    buffers.set(section.name, raw.buffer);
  }
  const groups = buffers.get("groups");
  const names = buffers.get("names");
  return validateDataset({
    images: new Uint8Array(buffers.get("images")!),
    labels: new Uint16Array(buffers.get("labels")!),
    ...(groups && { groups: new Uint32Array(groups) }),
    ...(names && { names: parseNames(names) }),
    imageShape: header.imageShape,
    classNames: header.classNames,
    provenance: header.provenance,
    skipped: header.skipped,
  });
}
