// biome-ignore-all lint/suspicious/noControlCharactersInRegex: signatures of files have control characters
/** What can be read from an image file without decoding it. */
import { viewOf } from "../base/bytes.ts";
import { InklingError } from "../base/error.ts";
import { tiffDirectory } from "./tiffDirectory.ts";

/** A format that the decoder reads. */
export type FileKind = "PNG" | "JPEG" | "WebP" | "GIF" | "BMP" | "TIFF" | "PNM";

/** These formats, for messages. */
export const FILE_KINDS = "PNG, JPEG, WebP, GIF, BMP, TIFF or PNM";

/** The extensions of their files' names, as alternatives of a regular expression. */
export const FILE_EXTENSIONS = "png|jpe?g|webp|gif|bmp|tiff?|p[abgpn]m";

const starts: readonly (readonly [start: RegExp, kind: FileKind])[] = [
  [/^\x89PNG\r\n\x1a\n/, "PNG"],
  [/^\xff\xd8\xff/, "JPEG"],
  [/^RIFF.{4}WEBP/s, "WebP"],
  [/^GIF8[79]a/, "GIF"],
  // The size of the header that follows tells a BMP from a text that begins with these letters.
  [/^BM.{12}[\x0c\x10\x28\x34\x38\x40\x6c\x7c]\0\0\0/s, "BMP"],
  [/^(II[*+]\0|MM\0[*+])/, "TIFF"],
  [/^P[1-7]\s/, "PNM"],
];

/** Formats of pictures and drawings that are not read, by how they start. */
const others: readonly (readonly [start: RegExp, name: string])[] = [
  [/^.{4}ftypavi[fs]/s, "an AVIF picture"],
  [/^.{4}ftyp(hei[cfmsx]|hev[cmx]|mif1|msf1)/s, "a HEIF picture"],
  [/^(\xff\x0a|\0\0\0\x0cJXL )/, "a JPEG XL picture"],
  [/^(\xff\x4f\xff\x51|\0\0\0\x0cjP {2})/, "a JPEG 2000 picture"],
  [/^8BPS/, "a Photoshop picture"],
  [/^\0\0[\x01\x02]\0.\0/s, "an icon"],
  [/^\x76\x2f\x31\x01/, "an OpenEXR picture"],
  [/^#\?(RADIANCE|RGBE)/, "a Radiance HDR picture"],
  [/^DDS /, "a DDS texture"],
  [/^qoif/, "a QOI picture"],
  [/^%PDF/, "a PDF document"],
  [/^\s*(<\?xml.*)?(<!--.*)?(<!DOCTYPE svg.*)?<svg/s, "an SVG drawing"],
];

/** The first bytes of a file as text, a character per byte (which TextDecoder's latin1 is not). */
const startOf = (bytes: Uint8Array, length: number): string => String.fromCharCode(...bytes.subarray(0, length));

/** The format of a picture file by its first bytes; undefined if it is not one that the decoder reads. */
export function fileKind(bytes: Uint8Array): FileKind | undefined {
  const start = startOf(bytes, 24);
  return starts.find(([pattern]) => pattern.test(start))?.[1];
}

/** What a file is that the decoder does not read: `an AVIF picture`; undefined if that is unknown. */
export function otherKind(bytes: Uint8Array): string | undefined {
  const start = startOf(bytes, 512);
  return others.find(([pattern]) => pattern.test(start))?.[1];
}

/** Whether a file is an archive of those in which data sets are: .zip, .tar, or anything compressed with gzip. */
export const isArchive = (bytes: Uint8Array): boolean =>
  /^(PK(\x03\x04|\x05\x06)|\x1f\x8b|.{257}ustar)/s.test(startOf(bytes, 512));

type Size = readonly [height: number, width: number];

const sizes: Readonly<Record<FileKind, (view: DataView) => Size | undefined>> = {
  PNG: (view) => [view.getUint32(20), view.getUint32(16)],
  JPEG: jpegSize,
  WebP: webpSize,
  GIF: gifSize,
  BMP: (view) =>
    view.getUint8(14) === 12
      ? [view.getUint16(20, true), view.getUint16(18, true)]
      : [Math.abs(view.getInt32(22, true)), Math.abs(view.getInt32(18, true))],
  TIFF: tiffSize,
  PNM: pnmSize,
};

/** The height and width that the header of a picture file claims; undefined if it has none. */
export function claimedSize(bytes: Uint8Array): Size | undefined {
  const kind = fileKind(bytes);
  try {
    return kind && sizes[kind](viewOf(bytes));
  } catch (error) {
    // The file ends before its size.
    if (error instanceof RangeError || error instanceof InklingError) return undefined;
    throw error;
  }
}

function jpegSize(view: DataView): Size | undefined {
  const frame = jpegFrame(view);
  return frame === undefined ? undefined : [view.getUint16(frame + 5), view.getUint16(frame + 7)];
}

/** The position of the first frame header in a JPEG file. Stray bytes between segments are skipped, as decoders do. */
function jpegFrame(view: DataView): number | undefined {
  for (let at = 2; at + 9 <= view.byteLength; ) {
    const marker = view.getUint8(at) === 0xff ? view.getUint8(at + 1) : 0;
    // Stray and fill bytes, and the markers that have no length.
    if (marker === 0 || marker === 0xff) at++;
    else if (marker === 1 || (marker >= 0xd0 && marker <= 0xd9)) at += 2;
    else if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) return at;
    else at += 2 + view.getUint16(at + 2);
  }
  return undefined;
}

/** The screen, or the first frame where it claims more, which decoders hold as well. */
function gifSize(view: DataView): Size {
  const screen: Size = [view.getUint16(8, true), view.getUint16(6, true)];
  const flags = view.getUint8(10);
  const colors = flags & 0x80 ? 2 << (flags & 7) : 0;
  let at = 13 + 3 * colors;
  // Extensions: a label, and blocks that begin with their number of bytes, the last one of none.
  while (at + 2 < view.byteLength && view.getUint8(at) === 0x21) {
    for (at += 2; at < view.byteLength && view.getUint8(at) > 0; ) at += 1 + view.getUint8(at);
    at++;
  }
  if (at + 9 > view.byteLength || view.getUint8(at) !== 0x2c) return screen;
  return [Math.max(screen[0], view.getUint16(at + 7, true)), Math.max(screen[1], view.getUint16(at + 5, true))];
}

/** From the first chunk: VP8X has the size of the canvas, VP8L and VP8 that of the image. */
function webpSize(view: DataView): Size {
  const kind = view.getUint8(15);
  if (kind === 0x58) return [1 + (view.getUint32(26, true) >>> 8), 1 + (view.getUint32(24, true) & 0xffffff)];
  if (kind === 0x4c) {
    const bits = view.getUint32(21, true);
    return [1 + ((bits >>> 14) & 0x3fff), 1 + (bits & 0x3fff)];
  }
  return [view.getUint16(28, true) & 0x3fff, view.getUint16(26, true) & 0x3fff];
}

const IMAGE_WIDTH = 256;
const IMAGE_LENGTH = 257;

function tiffSize({ buffer, byteOffset, byteLength }: DataView): Size | undefined {
  const { tags } = tiffDirectory(new Uint8Array(buffer, byteOffset, byteLength), [IMAGE_WIDTH, IMAGE_LENGTH]);
  const [height = 0] = tags.get(IMAGE_LENGTH) ?? [];
  const [width = 0] = tags.get(IMAGE_WIDTH) ?? [];
  return height > 0 && width > 0 ? [height, width] : undefined;
}

/** From the header of a PNM, which is text: two numbers in P1 to P6, fields of their own in P7; # starts a comment. */
function pnmSize(view: DataView): Size | undefined {
  const start = startOf(new Uint8Array(view.buffer, view.byteOffset, view.byteLength), 4096);
  const text = start.replace(/#[^\n\r]*/g, " ");
  const [width, height] =
    start[1] === "7"
      ? [/\bWIDTH\s+(\d+)/.exec(text)?.[1], /\bHEIGHT\s+(\d+)/.exec(text)?.[1]]
      : (/^P[1-6]\s+(\d+)\s+(\d+)/.exec(text)?.slice(1) ?? []);
  return width && height ? [Number(height), Number(width)] : undefined;
}

/**
 * The bytes per pixel that the decoder makes of a file, by its header; of formats whose headers do not say so at a fixed
 * place, the most that it may make.
 */
export function claimedDepth(bytes: Uint8Array): number {
  const kind = fileKind(bytes);
  if (kind === "PNG") return (pngChannels[bytes[25] ?? -1] ?? 4) * (bytes[24] === 16 ? 2 : 1);
  if (kind === "PNM") return pnmDepth(startOf(bytes, 4096).replace(/#[^\n\r]*/g, " "));
  return kind === "TIFF" ? 6 : kind === "JPEG" ? 3 : 4;
}

/** The channels of a decoded PNG, by its color type: a palette may have transparent colors. */
const pngChannels: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 4, 4: 2, 6: 4 };

/** The samples of a pixel as a PNG stores them, by its color type: of a palette, the number of the color. */
const pngSamples: Readonly<Record<number, number>> = { ...pngChannels, 3: 1 };

/**
 * The most pixels that a byte of a file can hold. Deflate, which compresses PNG, makes at most 1032 bytes of one; no other
 * format expands more. JPEG has at least a bit for each block of 8 × 8; a BMP repeats a pixel up to 255 times in two bytes;
 * a PNM is not compressed.
 */
export function maxPixelsPerByte(bytes: Uint8Array): number {
  const kind = fileKind(bytes);
  if (kind === "PNG") return (1032 * 8) / ((pngSamples[bytes[25] ?? -1] ?? 1) * (bytes[24] || 1));
  return kind === "JPEG" ? 8 * 64 : kind === "BMP" ? 128 : kind === "PNM" ? 8 : 1032 * 8;
}

/** From the header of a PNM: its channels, and whether its greatest value needs two bytes. */
function pnmDepth(text: string): number {
  const [kind = "", , , most] = /^P([1-6])\s+(\d+)\s+(\d+)(?:\s+(\d+))?/.exec(text)?.slice(1) ?? [];
  if (kind === "") return 8;
  const channels = kind === "3" || kind === "6" ? 3 : 1;
  return channels * (kind !== "1" && kind !== "4" && Number(most) > 255 ? 2 : 1);
}

const pngColors: Readonly<Record<number, string>> = {
  0: "gray",
  2: "RGB",
  3: "palette",
  4: "gray and alpha",
  6: "RGB and alpha",
};

/** The kind of a picture file, from its header: `PNG gray 8 bits`, `JPEG color`, `WebP`. */
export function imageKind(bytes: Uint8Array): string {
  const kind = fileKind(bytes) ?? "unknown";
  if (kind === "PNG") return `PNG ${pngColors[bytes[25] ?? -1] ?? "of unknown color type"} ${bytes[24]} bits`;
  if (kind !== "JPEG") return kind;
  const frame = jpegFrame(viewOf(bytes));
  const components = frame === undefined || frame + 9 >= bytes.length ? 0 : bytes[frame + 9]!;
  return `JPEG ${components === 1 ? "gray" : components === 4 ? "CMYK" : "color"}`;
}
