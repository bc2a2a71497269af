import { unzlibSync } from "fflate";
import { viewOf } from "../base/bytes.ts";
import { InklingError } from "../base/error.ts";
import { type DecodedFile, damagedPicture } from "./decoder.ts";
import { tiffDirectory } from "./tiffDirectory.ts";

/** Decodes a JPEG file. */
type DecodeJpeg = (file: Uint8Array) => DecodedFile;

const unsupported = (what: string): InklingError =>
  new InklingError("INVALID_DATA", `a TIFF with ${what} is not supported; convert it to PNG`);

/** The tags that are read (TIFF 6.0, part 1). */
const TAG = {
  ...{ width: 256, height: 257, bits: 258, compression: 259, photometric: 262, fillOrder: 266 },
  ...{ stripOffsets: 273, samples: 277, rowsPerStrip: 278, stripBytes: 279, planar: 284, predictor: 317 },
  ...{ colorMap: 320, tileWidth: 322, tileHeight: 323, tileOffsets: 324, tileBytes: 325, extraSamples: 338 },
  ...{ sampleFormat: 339, jpegTables: 347 },
} as const;

const WHITE_IS_ZERO = 0;
const BLACK_IS_ZERO = 1;
const RGB = 2;
const PALETTE = 3;
const CMYK = 5;
const YCBCR = 6;
/** Colors that are not read, except that YCbCr is in JPEG. */
const colorNames: Readonly<Record<number, string>> = {
  [YCBCR]: "YCbCr samples",
  8: "CIE L*a*b* colors",
  32844: "LogL colors",
  32845: "LogLuv colors",
};

/** The samples of a pixel, without extra ones, by photometric interpretation. */
const colorSamples: Readonly<Record<number, number>> = {
  [WHITE_IS_ZERO]: 1,
  [BLACK_IS_ZERO]: 1,
  [RGB]: 3,
  [PALETTE]: 1,
  [CMYK]: 4,
  [YCBCR]: 3,
};

const JPEG = 7;
const compressions: Readonly<Record<number, string>> = {
  ...{ 2: "fax compression", 3: "fax compression", 4: "fax compression", 6: "old JPEG compression" },
  ...{ 34712: "JPEG 2000 compression", 34925: "LZMA compression", 50000: "Zstandard compression" },
  ...{ 50001: "WebP compression", 50002: "JPEG XL compression" },
};

/** No compression expands one byte to more than that many: LZW has codes of 12 bits for strings of up to 3,838 bytes. */
const MAX_RATIO = 4096;

/** Parts may overlap, since some programs store equal tiles once, but have at most this many times the bytes of the file. */
const MAX_OVERLAP = 16;

/** What the first directory of a TIFF says about its image. */
interface Layout {
  readonly width: number;
  readonly height: number;
  /** Samples per pixel, with extra ones. */
  readonly samples: number;
  /** Bits per sample: 1, 2, 4, 8 or 16. */
  readonly bits: number;
  readonly compression: number;
  readonly photometric: number;
  readonly predictor: number;
  /** Whether each sample has strips or tiles of its own. */
  readonly planar: boolean;
  readonly littleEndian: boolean;
  /** Strips are as wide as the image. */
  readonly tileWidth: number;
  readonly tileHeight: number;
}

/**
 * Decodes the first image of a TIFF file: strips or tiles of gray, palette, RGB or CMYK samples of 1 to 16 bits, with or
 * without alpha; uncompressed, or compressed with PackBits, LZW, Deflate or JPEG. Throws `INVALID_DATA`.
 */
export function decodeTiff(file: Uint8Array, decodeJpeg: DecodeJpeg): DecodedFile {
  const { tags, littleEndian } = tiffDirectory(file, Object.values(TAG));
  const numbers = (tag: number): readonly number[] => tags.get(tag) ?? [];
  const number = (tag: number, otherwise: number): number => numbers(tag)[0] ?? otherwise;
  const [width, height] = [number(TAG.width, 0), number(TAG.height, 0)];
  const samples = number(TAG.samples, 1);
  const bits = number(TAG.bits, 1);
  const photometric = number(TAG.photometric, BLACK_IS_ZERO);
  const compression = number(TAG.compression, 1);
  const isTiled = tags.has(TAG.tileWidth);
  const layout: Layout = {
    ...{ width, height, samples, bits, compression, photometric, littleEndian },
    predictor: number(TAG.predictor, 1),
    planar: number(TAG.planar, 1) === 2 && samples > 1,
    tileWidth: isTiled ? number(TAG.tileWidth, 0) : width,
    tileHeight: isTiled ? number(TAG.tileHeight, 0) : Math.min(height, number(TAG.rowsPerStrip, height)),
  };
  const others = [
    numbers(TAG.bits).find((other) => other !== bits),
    numbers(TAG.sampleFormat).find((kind) => kind > 1),
  ];
  checkLayout(layout, others);
  if (width * height * samples * bits > 8 * MAX_RATIO * file.length)
    throw damagedPicture(
      `it claims ${width} × ${height} pixels of ${samples} samples, too many for its ${file.length} bytes`,
    );
  const isReversed = number(TAG.fillOrder, 1) === 2;

  const offsets = numbers(isTiled ? TAG.tileOffsets : TAG.stripOffsets);
  const lengths = numbers(isTiled ? TAG.tileBytes : TAG.stripBytes);
  const tables = Uint8Array.from(numbers(TAG.jpegTables));
  const all = bits === 16 ? new Uint16Array(width * height * samples) : new Uint8Array(width * height * samples);
  const across = Math.ceil(width / layout.tileWidth);
  const down = Math.ceil(height / layout.tileHeight);
  const planes = layout.planar ? samples : 1;
  let read = 0;
  for (let i = 0; i < planes * across * down; i++) {
    const [offset, length] = [offsets[i], lengths[i] ?? file.length];
    if (offset === undefined || offset >= file.length) throw damagedPicture(`part ${i} of it is missing`);
    const part = file.subarray(offset, offset + length);
    if ((read += part.length) > MAX_OVERLAP * file.length) throw damagedPicture("its parts overlap");
    const stored = isReversed ? part.map(reversed) : part;
    const [plane, index] = [Math.floor(i / (across * down)), i % (across * down)];
    const [top, left] = [Math.floor(index / across) * layout.tileHeight, (index % across) * layout.tileWidth];
    const rows = isTiled ? layout.tileHeight : Math.min(layout.tileHeight, height - top);
    const tile =
      compression === JPEG
        ? jpegTile(decodeJpeg, stored, tables, layout, rows)
        : unpackTile(unpack(stored, compression, tileBytes(layout, rows)), layout, rows);
    place(tile, all, layout, { top, left, rows, plane });
  }
  return { width, height, ...colored(all, layout, numbers(TAG.colorMap), number(TAG.extraSamples, 0)), problem: "" };
}

/** Throws `INVALID_DATA` for what is not possible, or not supported. */
function checkLayout(
  { samples, bits, compression, photometric, predictor, tileWidth, tileHeight }: Layout,
  [otherBits, otherFormat]: readonly (number | undefined)[],
): void {
  if (compressions[compression]) throw unsupported(compressions[compression]);
  if (![1, 5, JPEG, 8, 32773, 32946].includes(compression)) throw unsupported(`compression ${compression}`);
  if (otherFormat !== undefined) throw unsupported("signed or floating-point samples");
  if (otherBits !== undefined) throw unsupported(`samples of ${bits} and of ${otherBits} bits`);
  if (![1, 2, 4, 8, 16].includes(bits)) throw unsupported(`samples of ${bits} bits`);
  const colors = colorSamples[photometric];
  if (colors === undefined || (photometric === YCBCR && compression !== JPEG))
    throw unsupported(colorNames[photometric] ?? `photometric interpretation ${photometric}`);
  if (photometric === CMYK && bits !== 8) throw unsupported(`CMYK samples of ${bits} bits`);
  if (compression === JPEG && bits !== 8) throw unsupported(`JPEG compression of ${bits} bits`);
  if (predictor > 2 || (predictor === 2 && bits < 8)) throw unsupported(`predictor ${predictor} for ${bits} bits`);
  if (samples < colors || samples > 64 || tileWidth < 1 || tileHeight < 1)
    throw damagedPicture(`it has ${samples} samples per pixel, in parts of ${tileWidth} × ${tileHeight}`);
}

/** A byte with its bits in reversed order. */
const reversed = (byte: number): number =>
  Array.from({ length: 8 }, (_, bit) => ((byte >> bit) & 1) << (7 - bit)).reduce((sum, bit) => sum | bit);

/** Samples of a pixel in a strip or tile. */
const tileSamples = ({ planar, samples }: Layout): number => (planar ? 1 : samples);

/** Bytes of a row of a strip or tile. */
const rowBytes = (layout: Layout): number => Math.ceil((layout.tileWidth * tileSamples(layout) * layout.bits) / 8);

const tileBytes = (layout: Layout, rows: number): number => rowBytes(layout) * rows;

/** Decompresses a strip or tile to `size` bytes. */
function unpack(stored: Uint8Array, compression: number, size: number): Uint8Array {
  if (size > stored.length * MAX_RATIO) throw damagedPicture(`${size} bytes of it are stored as ${stored.length}`);
  if (compression === 1 && stored.length >= size) return stored.slice(0, size);
  const out = new Uint8Array(size);
  const filled =
    compression === 5
      ? unpackLzw(stored, out)
      : compression === 32773
        ? unpackBits(stored, out)
        : compression === 1
          ? 0
          : inflate(stored, out);
  if (filled < size) throw damagedPicture("it ends too early");
  return out;
}

function inflate(stored: Uint8Array, out: Uint8Array): number {
  try {
    return unzlibSync(stored, { out }).length;
  } catch {
    return 0;
  }
}

/** PackBits: a byte n < 128 is followed by n + 1 bytes, and n > 128 by one that is repeated 257 − n times. */
function unpackBits(stored: Uint8Array, out: Uint8Array): number {
  let to = 0;
  for (let at = 0; at < stored.length && to < out.length; ) {
    const n = stored[at++]!;
    if (n < 128) {
      const bytes = stored.subarray(at, at + Math.min(n + 1, out.length - to));
      out.set(bytes, to);
      to += bytes.length;
      at += n + 1;
    } else if (n > 128 && at < stored.length) {
      const end = Math.min(out.length, to + 257 - n);
      out.fill(stored[at++]!, to, end);
      to = end;
    }
  }
  return to;
}

const CLEAR = 256;
const END = 257;

/** LZW with codes of 9 to 12 bits, most significant first, which become longer one code early, as TIFF has it. */
function unpackLzw(stored: Uint8Array, out: Uint8Array): number {
  /** Where the string of a code is in `out`, and its length. */
  const starts = new Uint32Array(4096);
  const lengths = new Uint16Array(4096);
  let [to, next, width, previous] = [0, 258, 9, -1];
  let [held, count] = [0, 0];
  for (let at = 0; to < out.length; ) {
    while (count < width && at < stored.length) {
      held = ((held << 8) | stored[at++]!) & 0xffffff;
      count += 8;
    }
    if (count < width) break;
    count -= width;
    const code = (held >>> count) & ((1 << width) - 1);
    if (code === END) break;
    if (code === CLEAR) {
      [next, width, previous] = [258, 9, -1];
      continue;
    }
    if (code > next || (code === next && previous < 0) || (code > END && previous < 0)) break;
    const start = to;
    if (code < CLEAR) out[to++] = code;
    else {
      // A code that is not defined yet is the previous string and its first byte, which follow each other.
      const [from, length] = code === next ? [previous, start - previous + 1] : [starts[code]!, lengths[code]!];
      const end = Math.min(out.length, to + length);
      for (let k = from; to < end; ) out[to++] = out[k++]!;
    }
    if (previous >= 0 && next < 4096) {
      starts[next] = previous;
      lengths[next++] = start - previous + 1;
    }
    previous = start;
    if (next + 1 >= 1 << width && width < 12) width++;
  }
  return to;
}

/** The samples of a strip or tile, with the predictor undone. */
function unpackTile(bytes: Uint8Array, layout: Layout, rows: number): Uint8Array | Uint16Array {
  const { bits, tileWidth, littleEndian, predictor } = layout;
  const [perRow, stride, step] = [tileWidth * tileSamples(layout), rowBytes(layout), tileSamples(layout)];
  if (bits < 8) {
    const samples = new Uint8Array(perRow * rows);
    const mask = (1 << bits) - 1;
    for (let y = 0, to = 0; y < rows; y++)
      for (let i = 0; i < perRow; i++) {
        const bit = i * bits;
        samples[to++] = (bytes[y * stride + (bit >> 3)]! >> (8 - bits - (bit & 7))) & mask;
      }
    return samples;
  }
  let samples: Uint8Array | Uint16Array = bytes;
  if (bits === 16) {
    const view = viewOf(bytes);
    samples = new Uint16Array(perRow * rows);
    for (let i = 0; i < samples.length; i++) samples[i] = view.getUint16(2 * i, littleEndian);
  }
  if (predictor === 2)
    for (let y = 0; y < rows; y++)
      for (let i = y * perRow + step; i < (y + 1) * perRow; i++) samples[i]! += samples[i - step]!;
  return samples;
}

/** Says that the three components of a JPEG are RGB: Adobe's segment, with transform 0. */
const ADOBE_RGB = Uint8Array.of(0xff, 0xee, 0, 14, 0x41, 0x64, 0x6f, 0x62, 0x65, 0, 100, 0, 0, 0, 0, 0);

/** The samples of a strip or tile that is a JPEG file; its tables may be shared by all. */
function jpegTile(
  decode: DecodeJpeg,
  stored: Uint8Array,
  tables: Uint8Array,
  layout: Layout,
  rows: number,
): Uint8Array {
  const start = tables.length > 4 ? tables.subarray(0, -2) : Uint8Array.of(0xff, 0xd8);
  const rgb = layout.photometric === RGB ? ADOBE_RGB : new Uint8Array();
  const file = new Uint8Array(start.length + rgb.length + Math.max(0, stored.length - 2));
  file.set(start);
  file.set(rgb, start.length);
  file.set(stored.subarray(2), start.length + rgb.length);
  const { width, height, channels, data, problem } = decode(file);
  if (problem !== "") throw damagedPicture(problem);
  if (channels !== tileSamples(layout)) throw unsupported(`JPEG compression of ${tileSamples(layout)} samples`);
  if (width !== layout.tileWidth || height < rows) throw damagedPicture(`part of it has ${width} × ${height} pixels`);
  return data;
}

interface TilePlace {
  readonly top: number;
  readonly left: number;
  readonly rows: number;
  readonly plane: number;
}

/** Copies the part of a strip or tile that is inside the image. */
function place(
  tile: Uint8Array | Uint16Array,
  all: Uint8Array | Uint16Array,
  layout: Layout,
  { top, left, rows, plane }: TilePlace,
): void {
  const { width, height, samples, planar, tileWidth } = layout;
  const own = tileSamples(layout);
  const columns = Math.min(tileWidth, width - left);
  for (let y = 0; y < Math.min(rows, height - top); y++) {
    const from = y * tileWidth * own;
    const to = ((top + y) * width + left) * samples;
    if (planar) for (let x = 0; x < columns; x++) all[to + x * samples + plane] = tile[from + x]!;
    else all.set(tile.subarray(from, from + columns * samples), to);
  }
}

const ASSOCIATED_ALPHA = 1;
const UNASSOCIATED_ALPHA = 2;

/** Samples as gray or RGB, with alpha if the first extra sample is alpha. */
function colored(
  all: Uint8Array | Uint16Array,
  { samples, bits, photometric }: Layout,
  colorMap: readonly number[],
  extra: number,
): Pick<DecodedFile, "channels" | "bytesPerSample" | "data"> {
  const base = colorSamples[photometric]!;
  const colors = photometric === PALETTE || photometric === CMYK ? 3 : base;
  const hasAlpha = samples > base && (extra === ASSOCIATED_ALPHA || extra === UNASSOCIATED_ALPHA);
  const channels = (colors + Number(hasAlpha)) as DecodedFile["channels"];
  const count = all.length / samples;
  const most = 2 ** bits - 1;
  // Samples below 8 bits become 8 bits.
  const scale = bits < 8 ? 255 / most : 1;
  const pixels =
    bits === 16 && photometric !== PALETTE ? new Uint16Array(count * channels) : new Uint8Array(count * channels);
  const map = photometric === PALETTE ? paletteOf(colorMap, most) : [];
  for (let i = 0, from = 0, to = 0; i < count; i++, from += samples, to += channels) {
    if (photometric === PALETTE) for (let c = 0; c < 3; c++) pixels[to + c] = map[c * (most + 1) + all[from]!]!;
    else if (photometric === CMYK) {
      const light = 255 - all[from + 3]!;
      for (let c = 0; c < 3; c++) pixels[to + c] = Math.round(((255 - all[from + c]!) * light) / 255);
    } else
      for (let c = 0; c < colors; c++)
        pixels[to + c] = (photometric === WHITE_IS_ZERO ? most - all[from + c]! : all[from + c]!) * scale;
    if (!hasAlpha) continue;
    const alpha = all[from + base]! * scale;
    pixels[to + colors] = alpha;
    if (extra === ASSOCIATED_ALPHA && alpha > 0)
      for (let c = 0; c < colors; c++)
        pixels[to + c] = Math.min(most * scale, Math.round((pixels[to + c]! * most * scale) / alpha));
  }
  const data = new Uint8Array(pixels.buffer as ArrayBuffer);
  return { channels, bytesPerSample: pixels.BYTES_PER_ELEMENT as 1 | 2, data };
}

/** The colors of a palette: all red, then all green, then all blue; 16 bits, but some files have 8. */
function paletteOf(colorMap: readonly number[], most: number): readonly number[] {
  if (colorMap.length < 3 * (most + 1)) throw damagedPicture("its palette is missing");
  return colorMap.some((value) => value > 255) ? colorMap.map((value) => value >> 8) : colorMap;
}
