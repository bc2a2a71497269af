import { InklingError } from "../base/error.ts";
import { sha256 } from "../base/sha256.ts";
import { type Dataset, type StreamedDataset, validateDataset } from "../datasets/dataset.ts";
import { allocate, inflate } from "./deflate.ts";
import { PACK_MAGIC } from "./pack.ts";
import { type PackHeader, type PackSection, parseHeader, parseNames, type SectionName } from "./packHeader.ts";
import { memorySource, type Source } from "./source.ts";

const DIGEST_AT = PACK_MAGIC.length + 4;
const HEADER_AT = DIGEST_AT + 64;

/** Whether bytes begin as a `.inkling` file does. */
export const isPack = (head: Uint8Array): boolean => PACK_MAGIC.every((byte, i) => head[i] === byte);

/** A data set whose images are still in the file, and where there: as they are, one after another. */
export interface PackedImages {
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
export async function readPack(file: Source): Promise<Dataset> {
  const { header, sections } = await readHeader(file);
  const { crc32: _, ...others } = sections;
  const images = new Uint8Array(await readSection(file, others.images!));
  return validateDataset({ images, ...(await readOthers(file, header, others)) });
}

/** All of a `.inkling` file but its images; nothing where they cannot be read one by one. Throws as {@link readPack}. */
export async function readPackedImages(file: Source): Promise<PackedImages | undefined> {
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

const damaged = (what: string) =>
  new InklingError("INVALID_DATA", `pack: ${what}; the file is damaged or truncated: fetch or build it again`);

async function readHeader(file: Source): Promise<{ readonly header: PackHeader; readonly sections: Sections }> {
  const head = await file.read(0, Math.min(file.size, HEADER_AT));
  if (!isPack(head))
    throw new InklingError("UNKNOWN_FORMAT", "pack: the first bytes are not those of an .inkling file; give one");
  if (head.length < HEADER_AT) throw damaged(`it ends after ${head.length} bytes, before its header`);
  const length = new DataView(head.buffer, head.byteOffset).getUint32(PACK_MAGIC.length, true);
  const after = file.size - HEADER_AT - length;
  if (after < 0) throw damaged(`its header claims ${length} bytes, and ${file.size - HEADER_AT} are left`);
  const digest = new TextDecoder().decode(head.subarray(DIGEST_AT, HEADER_AT));
  const json = await file.read(HEADER_AT, length);
  if ((await sha256(json)) !== digest) throw damaged("its header's checksum is wrong");
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
  file: Source,
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
async function readSection(file: Source, { section, at }: Placed): Promise<ArrayBuffer> {
  const { name, encoding, bytes, rawBytes } = section;
  const raw =
    encoding === "raw"
      ? await readRaw(file, name, at, bytes)
      : await inflate(`pack: ${name}`, await file.read(at, bytes), rawBytes);
  if ((await sha256(raw)) !== section.sha256) throw damaged(`the checksum of its ${name} is wrong`);
  return raw.buffer;
}

/** Bytes that are read at once. */
const AT_ONCE = 2 ** 20;

async function readRaw(file: Source, name: string, at: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
  const raw = allocate(`pack: ${name}`, length);
  for (let from = 0; from < length; from += AT_ONCE)
    raw.set(await file.read(at + from, Math.min(AT_ONCE, length - from)), from);
  return raw;
}
