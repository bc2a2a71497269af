/** What can be read from an image file without decoding it. */

/** The height and width that the header of a PNG, JPEG or WebP file claims; undefined if the file ends before that. */
export function claimedSize(bytes: Uint8Array): readonly [height: number, width: number] | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes[0] === 0x89) return bytes.length < 24 ? undefined : [view.getUint32(20), view.getUint32(16)];
  if (bytes[0] === 0xff) return jpegSize(view);
  return bytes.length < 30 ? undefined : webpSize(view);
}

function jpegSize(view: DataView): readonly [number, number] | undefined {
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

/** From the first chunk: VP8X has the size of the canvas, VP8L and VP8 that of the image. */
function webpSize(view: DataView): readonly [number, number] | undefined {
  const kind = view.getUint8(15);
  if (kind === 0x58) return [1 + (view.getUint32(26, true) >>> 8), 1 + (view.getUint32(24, true) & 0xffffff)];
  if (kind === 0x4c) {
    const bits = view.getUint32(21, true);
    return [1 + ((bits >>> 14) & 0x3fff), 1 + (bits & 0x3fff)];
  }
  return [view.getUint16(28, true) & 0x3fff, view.getUint16(26, true) & 0x3fff];
}

const pngColors: Readonly<Record<number, string>> = {
  0: "gray",
  2: "RGB",
  3: "palette",
  4: "gray and alpha",
  6: "RGB and alpha",
};

/** The kind of a PNG, JPEG or WebP image, from its header: `PNG gray 8 bits`, `JPEG color`, `WebP`. */
export function imageKind(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes[0] === 0x89) return `PNG ${pngColors[bytes[25] ?? -1] ?? "of unknown color type"} ${bytes[24]} bits`;
  if (bytes[0] !== 0xff) return "WebP";
  const frame = jpegFrame(view);
  const components = frame === undefined || frame + 9 >= bytes.length ? 0 : bytes[frame + 9]!;
  return `JPEG ${components === 1 ? "gray" : components === 4 ? "CMYK" : "color"}`;
}

/**
 * The EXIF orientation, 1 to 8, of a JPEG (first APP1 segment), PNG (eXIf chunk) or WebP file (EXIF chunk); undefined if
 * there is none.
 */
export function orientationOf(bytes: Uint8Array): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const block = bytes[0] === 0x89 ? pngExif(view) : bytes[0] === 0xff ? jpegExif(view) : webpExif(view);
  return block && tiffOrientation(block);
}

const PNG_EXIF = 0x65584966;
const WEBP_EXIF = 0x45584946;
/** "Exif" or "JFIF", one of which starts the first segment of a JPEG file. */
const EXIF = 0x45786966;
const JFIF = 0x4a464946;
const APP1 = 0xffe1;
const START_OF_SCAN = 0xffda;

/** PNG chunks consist of length, type, contents and checksum. */
function pngExif(view: DataView): DataView | undefined {
  for (let at = 8; at + 12 <= view.byteLength; ) {
    const length = view.getUint32(at);
    if (view.getUint32(at + 4) === PNG_EXIF) return part(view, at + 8, length);
    at += 12 + length;
  }
  return undefined;
}

/** JPEG segments consist of marker, length and contents, with nothing between them. Only the first APP1 segment counts. */
function jpegExif(view: DataView): DataView | undefined {
  if (view.byteLength < 11 || ![EXIF, JFIF].includes(view.getUint32(6)) || view.getUint8(10) !== 0) return undefined;
  for (let at = 2; at + 4 <= view.byteLength; ) {
    const [marker, length] = [view.getUint16(at), view.getUint16(at + 2)];
    if (marker < 0xff00 || marker === START_OF_SCAN || length < 2 || at + 2 + length > view.byteLength)
      return undefined;
    if (marker === APP1)
      return length >= 8 && view.getUint32(at + 4) === EXIF ? part(view, at + 10, length - 8) : undefined;
    at += 2 + length;
  }
  return undefined;
}

/** WebP chunks consist of type, length and contents, padded to an even length. */
function webpExif(view: DataView): DataView | undefined {
  for (let at = 12; at + 8 <= view.byteLength; ) {
    const length = view.getUint32(at + 4, true);
    if (view.getUint32(at) === WEBP_EXIF) return part(view, at + 8, length);
    at += 8 + length + (length & 1);
  }
  return undefined;
}

const part = (view: DataView, at: number, length: number): DataView =>
  new DataView(view.buffer, view.byteOffset + at, Math.min(length, view.byteLength - at));

const ORIENTATION = 0x112;
const SHORT = 3;

/** Reads the first directory of a TIFF block. Some WebP files have "Exif\0\0" in front of the block, as JPEG does. */
function tiffOrientation(block: DataView): number | undefined {
  const isMarked = block.byteLength >= 6 && block.getUint32(0) === EXIF;
  const view = isMarked ? part(block, 6, block.byteLength) : block;
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
