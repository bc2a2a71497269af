import { concatBytes, viewOf } from "../base/bytes.ts";
import { InklingError } from "../base/error.ts";
import { claimMemory } from "../base/memory.ts";
import { type Decoder, damagedPicture } from "./decoder.ts";
import {
  claimedDepth,
  claimedSize,
  FILE_KINDS,
  type FileKind,
  fileKind,
  isArchive,
  maxPixelsPerByte,
  otherKind,
} from "./header.ts";
import { type Image, MAX_PICTURE_BYTES, MAX_PIXELS, type ValueRange } from "./image.ts";
import { orientationOf } from "./orientation.ts";
import { type CheckedPicture, composite, toBytes } from "./picture.ts";
import { decodeTiff } from "./tiff.ts";

const invalid = (message: string): InklingError => new InklingError("INVALID_DATA", message);

/** A picture that owns its pixels. */
type DecodedPicture = CheckedPicture & { readonly data: Uint8Array | Uint16Array };

/** How damaged pictures are treated. */
export interface DecodeOptions {
  /** Whether to use what could be decoded of a damaged JPEG; the rest is gray. Default: false. */
  readonly keepDamaged?: boolean;
}

/**
 * Decodes a picture file, identified by its content. Alpha and 16-bit values are kept, and the orientation that EXIF or
 * XMP states is applied. Throws `INVALID_DATA`, also for a picture that could be decoded only in part, unless
 * `keepDamaged` is true; the message does not name the file, which the caller knows.
 */
export function decodePicture(
  decoder: Decoder,
  bytes: Uint8Array,
  { keepDamaged = false }: DecodeOptions = {},
): DecodedPicture {
  const kind = checkPictureFile(bytes);
  const decodeJpeg = (file: Uint8Array) => {
    checkPictureFile(file);
    return decoder.decode(file);
  };
  const decoded =
    kind === "TIFF" ? decodeTiff(bytes, decodeJpeg) : decoder.decode(kind === "PNG" ? withoutTexts(bytes) : bytes);
  if (decoded.problem !== "" && !keepDamaged)
    throw damagedPicture(decoded.problem, "fetch or save it again, or keep it as it is (--keep-damaged)");
  const data = decoded.bytesPerSample === 1 ? decoded.data : wordsOf(decoded.data);
  const { width, height, channels } = decoded;
  return turned({ width, height, channels, data }, orientationOf(bytes) ?? 1);
}

/**
 * The image that a data set has for a picture: its values as bytes, composited onto white, and reduced to one channel if
 * every pixel is gray, however it was stored.
 */
export function asImage(picture: CheckedPicture, range?: ValueRange): Image {
  const image = composite(toBytes(picture, range), 255);
  return image.channels === 3 && isGray(image.pixels)
    ? { ...image, channels: 1, pixels: firstOfThree(image.pixels) }
    : image;
}

/** How often the bytes of a picture are in memory while it is decoded: in the decoder, as its copy, and as the image. */
const DECODING = 4;

/** The most memory that decoding one of these files takes, by what they claim. */
export const decodingBytes = (files: readonly Uint8Array[]): number =>
  files.reduce((most, bytes) => {
    const [height, width] = claimedSize(bytes) ?? [0, 0];
    return Math.max(most, DECODING * height * width * claimedDepth(bytes));
  }, 0);

/**
 * The format of a picture file. Throws `UNSUPPORTED` if decoding it is beyond the budget of memory, and `INVALID_DATA` if a
 * file is not a picture that can be decoded, or claims more pixels than are supported or than its bytes can hold: the
 * decoder allocates memory for all of them before it decodes any.
 */
function checkPictureFile(bytes: Uint8Array): FileKind {
  if (bytes.length === 0) throw invalid("the file is empty");
  const kind = fileKind(bytes);
  if (kind === undefined) {
    const other = otherKind(bytes);
    throw invalid(
      other
        ? `this is ${other}, which is not supported; convert it to PNG or JPEG`
        : isArchive(bytes)
          ? "this is an archive; unpack it, and use the pictures in it"
          : `this is not a ${FILE_KINDS} picture; convert it to one of them`,
    );
  }
  const claimed = claimedSize(bytes);
  if (!claimed) throw damagedPicture("its size is missing");
  const [height, width] = claimed;
  if (width * height > MAX_PIXELS) {
    const side = Math.sqrt(MAX_PIXELS);
    throw invalid(
      `it has ${width} × ${height} pixels, more than the limit of ${MAX_PIXELS}, such as ${side} × ${side}; make it smaller`,
    );
  }
  if (width * height > maxPixelsPerByte(bytes) * bytes.length)
    throw damagedPicture(`it claims ${width} × ${height} pixels, too many for its ${bytes.length} bytes`);
  const size = width * height * claimedDepth(bytes);
  if (size > MAX_PICTURE_BYTES)
    throw invalid(
      `its ${width} × ${height} pixels take ${size} bytes, more than the limit of ${MAX_PICTURE_BYTES}; make it smaller, or save it with 8 bits per channel`,
    );
  claimMemory(DECODING * size, "decoding the picture", "make it smaller");
  return kind;
}

const IS_LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Little-endian 16-bit samples as numbers, in the same memory. */
function wordsOf({ buffer, length }: Uint8Array<ArrayBuffer>): Uint16Array {
  const words = new Uint16Array(buffer, 0, length / 2);
  const samples = new DataView(buffer);
  if (!IS_LITTLE_ENDIAN) for (let i = 0; i < words.length; i++) words[i] = samples.getUint16(2 * i, true);
  return words;
}

const TEXTS = /^(iCCP|tEXt|zTXt|iTXt)$/;

/**
 * A PNG without its color profile and texts, which no pixel depends on: the decoder would decompress them all, and a
 * thousand bytes may become a million.
 */
function withoutTexts(file: Uint8Array): Uint8Array {
  const view = viewOf(file);
  const kept: Uint8Array[] = [];
  let start = 0;
  for (let at = 8; at + 12 <= file.length; ) {
    const end = at + 12 + view.getUint32(at);
    if (end <= file.length && TEXTS.test(String.fromCharCode(...file.subarray(at + 4, at + 8)))) {
      kept.push(file.subarray(start, at));
      start = end;
    }
    at = end;
  }
  return start === 0 ? file : concatBytes([...kept, file.subarray(start)]);
}

/**
 * The picture turned upright. Orientations 5 to 8 swap rows and columns; 2, 3, 7 and 8 read each stored row backward, and
 * 3, 4, 6 and 7 each stored column.
 */
function turned(picture: DecodedPicture, orientation: number): DecodedPicture {
  if (orientation === 1) return picture;
  const { width, height, channels, data } = picture;
  const [acrossStep, acrossStart] = [2, 3, 7, 8].includes(orientation) ? [-1, width - 1] : [1, 0];
  const [downStep, downStart] = [3, 4, 6, 7].includes(orientation) ? [-width, (height - 1) * width] : [width, 0];
  const [columns, rows, columnStep, rowStep] =
    orientation < 5 ? [width, height, acrossStep, downStep] : [height, width, downStep, acrossStep];
  const result = data instanceof Uint16Array ? new Uint16Array(data.length) : new Uint8Array(data.length);
  for (let y = 0, to = 0; y < rows; y++)
    for (let x = 0; x < columns; x++) {
      const from = (acrossStart! + downStart! + y * rowStep! + x * columnStep!) * channels;
      for (let c = 0; c < channels; c++) result[to++] = data[from + c]!;
    }
  return { width: columns!, height: rows!, channels, data: result };
}

/** The first of the three equal samples of each pixel. */
function firstOfThree(rgb: Uint8Array): Uint8Array {
  const gray = new Uint8Array(rgb.length / 3);
  for (let i = 0; i < gray.length; i++) gray[i] = rgb[i * 3]!;
  return gray;
}

function isGray(rgb: Uint8Array): boolean {
  for (let i = 0; i < rgb.length; i += 3) if (rgb[i] !== rgb[i + 1] || rgb[i] !== rgb[i + 2]) return false;
  return true;
}
