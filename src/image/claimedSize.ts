/** A small file may claim an image that fills the memory: larger ones are refused. */
export const MAX_PIXELS = 2 ** 26;

/** The height and width that a PNG, JPEG or WebP file claims; nothing where it does not come to that. */
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

/** Where the first frame header stands among a JPEG file's segments. What stands between segments is passed over, as decoders do. */
export function jpegFrame(view: DataView): number | undefined {
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

/** By the first chunk: VP8X has the canvas, VP8L and VP8 the image. */
function webpSize(view: DataView): readonly [number, number] | undefined {
  const kind = view.getUint8(15);
  if (kind === 0x58) return [1 + (view.getUint32(26, true) >>> 8), 1 + (view.getUint32(24, true) & 0xffffff)];
  if (kind === 0x4c) {
    const bits = view.getUint32(21, true);
    return [1 + ((bits >>> 14) & 0x3fff), 1 + (bits & 0x3fff)];
  }
  return [view.getUint16(28, true) & 0x3fff, view.getUint16(26, true) & 0x3fff];
}
