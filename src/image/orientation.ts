import { unzlibSync } from "fflate";
import { viewOf } from "../base/bytes.ts";
import { fileKind } from "./header.ts";

/**
 * The orientation of a picture, 1 to 8, as EXIF defines it; undefined if the file has none. As in Pillow, it is taken
 * from the EXIF block (of JPEG, PNG and WebP, also as ImageMagick's text in a PNG) or the first directory of a TIFF, and
 * otherwise from `tiff:Orientation` in the XMP packet.
 */
export function orientationOf(bytes: Uint8Array): number | undefined {
  const view = viewOf(bytes);
  const kind = fileKind(bytes);
  if (kind === "TIFF") return tiffOrientation(view);
  const { exif, xmp } = kind === undefined ? {} : (metadataOf[kind]?.(view) ?? {});
  return (exif && tiffOrientation(exif)) ?? (xmp && xmpOrientation(xmp));
}

/** The EXIF block and the XMP packet of a file. */
interface Metadata {
  readonly exif?: DataView | undefined;
  readonly xmp?: DataView | undefined;
}

const metadataOf: Readonly<Record<string, (view: DataView) => Metadata>> = {
  JPEG: jpegMetadata,
  PNG: pngMetadata,
  WebP: webpMetadata,
};

const APP1 = 0xffe1;
const START_OF_SCAN = 0xffda;
const EXIF = "Exif\0\0";
const XMP = "http://ns.adobe.com/xap/1.0/\0";

/** JPEG segments consist of marker, length and contents. Of each kind, the first one counts. */
function jpegMetadata(view: DataView): Metadata {
  let exif: DataView | undefined;
  let xmp: DataView | undefined;
  for (let at = 2; at + 4 <= view.byteLength; ) {
    const [marker, length] = [view.getUint16(at), view.getUint16(at + 2)];
    if (marker < 0xff00 || marker === START_OF_SCAN || length < 2) break;
    const contents = part(view, at + 4, length - 2);
    if (marker === APP1 && startsWith(contents, EXIF)) exif ??= contents;
    if (marker === APP1 && startsWith(contents, XMP)) xmp ??= contents;
    at += 2 + length;
  }
  return { exif, xmp };
}

/** WebP chunks consist of type, length and contents, padded to an even length. */
function webpMetadata(view: DataView): Metadata {
  const found: Record<string, DataView> = {};
  for (let at = 12; at + 8 <= view.byteLength; ) {
    const length = view.getUint32(at + 4, true);
    found[textOf(part(view, at, 4))] ??= part(view, at + 8, length);
    at += 8 + length + (length & 1);
  }
  return { exif: found["EXIF"], xmp: found["XMP "] };
}

/** A text chunk of a PNG. */
interface PngText {
  readonly type: string;
  readonly contents: DataView;
}

/** PNG chunks consist of length, type, contents and checksum. Of each kind, the first one counts. */
function pngMetadata(view: DataView): Metadata {
  let exif: DataView | undefined;
  let profile: PngText | undefined;
  let xmp: PngText | undefined;
  for (let at = 8; at + 12 <= view.byteLength; ) {
    const length = view.getUint32(at);
    const type = textOf(part(view, at + 4, 4));
    const contents = part(view, at + 8, length);
    if (type === "eXIf") exif ??= contents;
    if (["tEXt", "zTXt", "iTXt"].includes(type)) {
      const keyword = keywordOf(contents);
      if (keyword === "XML:com.adobe.xmp") xmp ??= { type, contents };
      const isProfile = keyword === "Raw profile type exif" || keyword === "Raw profile type APP1";
      if (isProfile) profile ??= { type, contents };
    }
    at += 12 + length;
  }
  return { exif: exif ?? (profile && rawProfile(pngText(profile))), xmp: xmp && pngText(xmp) };
}

/** The longest keyword of a text chunk, in bytes. */
const MAX_KEYWORD = 79;
/** The most bytes of a compressed text that are decompressed, and of text that they may become. */
const MAX_COMPRESSED = 2 ** 16;
const MAX_TEXT = 2 ** 20;

function keywordOf(contents: DataView): string {
  const start = textOf(part(contents, 0, MAX_KEYWORD + 1));
  return start.slice(0, Math.max(0, start.indexOf("\0")));
}

/** The text of a PNG chunk that has a keyword; undefined if it cannot be decompressed. */
function pngText({ type, contents }: PngText): DataView | undefined {
  let at = keywordOf(contents).length + 1;
  let packed = type === "zTXt";
  if (type === "zTXt") at += 1;
  if (type === "iTXt") {
    packed = contents.byteLength > at && contents.getUint8(at) === 1;
    at += 2;
    // The language tag and the translated keyword, each ended by a zero.
    for (let ends = 0; ends < 2 && at < contents.byteLength; at++) if (contents.getUint8(at) === 0) ends++;
  }
  const text = part(contents, at, contents.byteLength);
  return packed ? unpacked(text) : text;
}

function unpacked(text: DataView): DataView | undefined {
  if (text.byteLength > MAX_COMPRESSED) return undefined;
  const out = new Uint8Array(MAX_TEXT);
  try {
    return viewOf(unzlibSync(new Uint8Array(text.buffer, text.byteOffset, text.byteLength), { out }));
  } catch {
    return undefined;
  }
}

/** The bytes of a profile that ImageMagick writes as text: line feed, name, length, and hexadecimal digits in lines. */
function rawProfile(text: DataView | undefined): DataView | undefined {
  const digits = text && /^\n[^\n]*\n\s*\d+\n([\da-fA-F\s]*)/.exec(textOf(part(text, 0, MAX_TEXT)))?.[1];
  if (digits === undefined) return undefined;
  const pairs = digits.replace(/\s/g, "").match(/../g) ?? [];
  return viewOf(Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16)));
}

/** The orientation in an XMP packet, as an attribute or an element. */
function xmpOrientation(packet: DataView): number | undefined {
  const found = /tiff:Orientation(?:="|='|>)\s*([1-8])(?!\d)/.exec(textOf(part(packet, 0, MAX_TEXT)));
  return found ? Number(found[1]) : undefined;
}

const ORIENTATION = 0x112;
const SHORT = 3;

/** The orientation in the first directory of a TIFF block. Some files have "Exif\0\0" in front of the block. */
function tiffOrientation(block: DataView): number | undefined {
  const view = startsWith(block, EXIF) ? part(block, EXIF.length, block.byteLength) : block;
  if (view.byteLength < 8) return undefined;
  const order = view.getUint16(0);
  if (order !== 0x4949 && order !== 0x4d4d) return undefined;
  const little = order === 0x4949;
  const start = view.getUint32(4, little);
  if (start + 2 > view.byteLength) return undefined;
  const count = view.getUint16(start, little);
  for (let i = 0, at = start + 2; i < count && at + 12 <= view.byteLength; i++, at += 12) {
    if (view.getUint16(at, little) !== ORIENTATION || view.getUint16(at + 2, little) !== SHORT) continue;
    const value = view.getUint16(at + 8, little);
    return value >= 1 && value <= 8 ? value : undefined;
  }
  return undefined;
}

/** The bytes from `at` on, at most `length` of them. */
const part = (view: DataView, at: number, length: number): DataView => {
  const start = Math.min(at, view.byteLength);
  return new DataView(view.buffer, view.byteOffset + start, Math.min(length, view.byteLength - start));
};

/** Bytes as text, of which only ASCII matters. */
const textOf = ({ buffer, byteOffset, byteLength }: DataView): string =>
  new TextDecoder("latin1").decode(new Uint8Array(buffer, byteOffset, byteLength));

const startsWith = (view: DataView, text: string): boolean => textOf(part(view, 0, text.length)) === text;
