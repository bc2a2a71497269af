import * as v from "valibot";
import { InklingError } from "../base/error.ts";
import { parseJsonText } from "../base/json.ts";
import { quoted } from "../base/printable.ts";
import { bytesPerImage } from "../datasets/dataset.ts";
import { conversionSchema } from "../pictures/preparation.ts";

/** The format version that is written, and the only one that is read. */
export const PACK_VERSION = 1;

/**
 * The element type of each section, by name, in file order. `names` is a JSON array; `crc32` holds the checksums of
 * uncompressed images, so that each image can be read and checked on its own.
 */
export const sectionTypes = {
  images: "uint8",
  labels: "uint16",
  groups: "uint32",
  parts: "uint8",
  names: "json",
  crc32: "uint32",
} as const;
export type SectionName = keyof typeof sectionTypes;

const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const extent = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65535));

const sectionSchema = v.object({
  name: v.picklist(["images", "labels", "groups", "parts", "names", "crc32"]),
  dtype: v.picklist(["uint8", "uint16", "uint32", "json"]),
  encoding: v.picklist(["raw", "deflate"]),
  /** Bytes in the file. */
  bytes: whole,
  /** Bytes when decoded. */
  rawBytes: whole,
  /** The hash of the decoded bytes, in lowercase hex. */
  sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
});

const headerSchema = v.object({
  formatVersion: v.literal(PACK_VERSION),
  kind: v.literal("dataset"),
  imageShape: v.strictTuple([extent, extent, extent]),
  classNames: v.array(v.string()),
  count: whole,
  provenance: v.object({ source: v.string(), description: v.string(), license: v.exactOptional(v.string()) }),
  conversion: v.exactOptional(conversionSchema),
  skipped: v.array(v.object({ name: v.string(), reason: v.string() })),
  sections: v.array(sectionSchema),
});

export type PackSection = v.InferOutput<typeof sectionSchema>;
export type PackHeader = v.InferOutput<typeof headerSchema>;

const versionSchema = v.object({ formatVersion: v.number(), kind: v.string() });
const invalid = (message: string, cause?: unknown): InklingError =>
  new InklingError("INVALID_DATA", `pack: ${message}; fetch or build the file again`, { cause });

/**
 * Parses a header and checks that it is consistent, and consistent with the number of bytes after it, before any memory is
 * allocated. Throws `UNKNOWN_FORMAT` for another version or kind, and `INVALID_DATA` for an invalid header.
 */
export function parseHeader(json: Uint8Array, bytesAfter: number): PackHeader {
  let value: unknown;
  try {
    value = parseJsonText(new TextDecoder("utf-8", { fatal: true }).decode(json));
  } catch (cause) {
    throw invalid("its header is not JSON", cause);
  }
  const version = v.safeParse(versionSchema, value);
  if (!version.success) throw invalid("its header does not name formatVersion and kind");
  const { formatVersion, kind } = version.output;
  if (formatVersion !== PACK_VERSION || kind !== "dataset")
    throw new InklingError(
      "UNKNOWN_FORMAT",
      `pack: this is a ${kind} of formatVersion ${formatVersion}, expected a dataset of formatVersion ${PACK_VERSION}; update inkling or build the file with this version`,
    );
  const parsed = v.safeParse(headerSchema, value, { abortEarly: true });
  if (!parsed.success) {
    const issue = parsed.issues[0];
    throw invalid(`header field ${v.getDotPath(issue) ?? "?"}: ${issue.message}`);
  }
  checkSections(parsed.output, bytesAfter);
  return parsed.output;
}

function checkSections(header: PackHeader, bytesAfter: number): void {
  const names = header.sections.map(({ name }) => name).join(" ");
  if (!/^images labels( groups)?( parts)?( names)?( crc32)?$/.test(names))
    throw invalid(
      `its sections are ${quoted(names)}, expected images, labels and, if any, groups, parts, names and crc32`,
    );
  const { count } = header;
  const sizes = {
    images: count * bytesPerImage(header),
    labels: count * 2,
    groups: count * 4,
    parts: count,
    crc32: count * 4,
  };
  for (const { name, dtype, rawBytes, bytes, encoding } of header.sections) {
    if (dtype !== sectionTypes[name]) throw invalid(`${name} are ${dtype}, expected ${sectionTypes[name]}`);
    const expected = name === "names" ? rawBytes : sizes[name];
    if (rawBytes !== expected || (encoding === "raw" && bytes !== rawBytes))
      throw invalid(`${name} have ${rawBytes} bytes, stored in ${bytes}, expected ${expected} for ${count} images`);
  }
  const stored = header.sections.reduce((sum, { bytes }) => sum + bytes, 0);
  if (bytesAfter < stored)
    throw invalid(`the file is truncated: ${bytesAfter} bytes after the header, expected ${stored}`);
  if (bytesAfter > stored) throw invalid(`${bytesAfter - stored} bytes follow its end`);
}

/** The most names: as many as a pack may have images, by far. */
const MAX_NAMES = 2 ** 24;

const namesSchema = v.array(v.string());

/** Parses the section of names. Throws `INVALID_DATA`. */
export function parseNames(json: ArrayBuffer): readonly string[] {
  try {
    return v.parse(
      namesSchema,
      parseJsonText(new TextDecoder("utf-8", { fatal: true }).decode(json), { depth: 1, values: MAX_NAMES }),
      { abortEarly: true },
    );
  } catch (cause) {
    throw invalid("its names are not a JSON array of strings", cause);
  }
}
