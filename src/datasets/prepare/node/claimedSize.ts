/** Width and height. */
export type Size = readonly [width: number, height: number];

/** The size that a PNG, JPEG or WebP file claims in its header, before any of it is decoded; nothing where there is none. */
export function claimedSize(bytes: Uint8Array): Size | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  try {
    if (bytes[0] === 0x89) return [view.getUint32(16), view.getUint32(20)];
    return bytes[0] === 0xff ? jpegSize(view) : webpSize(view);
  } catch (error) {
    if (error instanceof RangeError) return undefined; // the file ends before its size
    throw error;
  }
}

/** Segments follow each other: FF, a marker, two bytes of length; the frame's (SOF) has height and width. */
function jpegSize(view: DataView): Size | undefined {
  let at = 2;
  while (view.getUint8(at) === 0xff) {
    const marker = view.getUint8(at + 1);
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return [view.getUint16(at + 7), view.getUint16(at + 5)];
    // Fill bytes and markers without a segment.
    const bare = marker === 0xff || marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);
    at += marker === 0xff ? 1 : bare ? 2 : 2 + view.getUint16(at + 2);
  }
  return undefined;
}

/** The first chunk of a WebP file: extended (VP8X), lossless (VP8L) or lossy (VP8). */
function webpSize(view: DataView): Size | undefined {
  const kind = String.fromCharCode(...[12, 13, 14, 15].map((at) => view.getUint8(at)));
  const threeBytes = (at: number) => view.getUint16(at, true) + (view.getUint8(at + 2) << 16);
  if (kind === "VP8X") return [1 + threeBytes(24), 1 + threeBytes(27)];
  if (kind === "VP8 ") return [view.getUint16(26, true) & 0x3fff, view.getUint16(28, true) & 0x3fff];
  const packed = view.getUint32(21, true);
  return kind === "VP8L" ? [1 + (packed & 0x3fff), 1 + ((packed >>> 14) & 0x3fff)] : undefined;
}
