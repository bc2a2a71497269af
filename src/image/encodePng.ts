import { zlibSync } from "fflate";
import { concatBytes } from "../base/bytes.ts";
import { crc32 } from "../base/crc32.ts";
import { InklingError } from "../base/error.ts";

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

/** The smallest hash table, 2¹³ entries: clearing a larger one takes longer than compressing a small image. */
const MEMORY = 1;

function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  for (let i = 0; i < 4; i++) bytes[4 + i] = type.charCodeAt(i);
  bytes.set(data, 8);
  view.setUint32(8 + data.length, crc32(bytes.subarray(4, 8 + data.length)));
  return bytes;
}

/**
 * Encodes pixels [H, W, C] as an 8-bit gray (C = 1) or RGB (C = 3) PNG. The same pixels give the same bytes in Node and
 * in a browser. Throws `INVALID_DATA` for any other number of channels.
 */
export function encodePng(
  pixels: Uint8Array,
  [height, width, channels]: readonly [height: number, width: number, channels: number],
): Uint8Array {
  if (channels !== 1 && channels !== 3)
    throw new InklingError("INVALID_DATA", `PNG: images have ${channels} channels, expected 1 or 3`);
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, channels === 1 ? 0 : 2], 8);
  const row = width * channels;
  const lines = new Uint8Array(height * (row + 1));
  for (let y = 0; y < height; y++) lines.set(pixels.subarray(y * row, (y + 1) * row), y * (row + 1) + 1);
  return concatBytes([
    SIGNATURE,
    chunk("IHDR", header),
    chunk("IDAT", zlibSync(lines, { mem: MEMORY })),
    chunk("IEND", new Uint8Array()),
  ]);
}
