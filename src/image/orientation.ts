/**
 * The EXIF orientation in a PNG file (its chunk eXIf) or a WebP file (EXIF), 1 to 8, which decoders look for in JPEG
 * only; nothing where there is none.
 */
export function orientationOf(bytes: Uint8Array): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const block = bytes[0] === 0x89 ? pngExif(view) : bytes[0] === 0x52 ? webpExif(view) : undefined;
  return block && tiffOrientation(block);
}

const PNG_EXIF = 0x65584966;
const WEBP_EXIF = 0x45584946;

/** Chunks of length, kind, contents and checksum. */
function pngExif(view: DataView): DataView | undefined {
  for (let at = 8; at + 12 <= view.byteLength; ) {
    const length = view.getUint32(at);
    if (view.getUint32(at + 4) === PNG_EXIF) return part(view, at + 8, length);
    at += 12 + length;
  }
  return undefined;
}

/** Chunks of kind, length and contents, filled up to an even length. */
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

/** From the first directory of a TIFF block, before which some WebP files have "Exif\0\0" as JPEG has. */
function tiffOrientation(view: DataView): number | undefined {
  if (view.byteLength >= 6 && view.getUint32(0) === 0x45786966) return tiffOrientation(part(view, 6, view.byteLength));
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
