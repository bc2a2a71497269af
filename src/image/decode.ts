import { InklingError } from "../base/error.ts";
import { type Decoder, damagedPicture } from "./decoder.ts";
import { claimedSize, FILE_KINDS, type FileKind, fileKind, otherKind } from "./header.ts";
import { type Image, MAX_PIXELS } from "./image.ts";
import { orientationOf } from "./orientation.ts";
import type { CheckedPicture } from "./picture.ts";
import { decodeTiff } from "./tiff.ts";

const invalid = (message: string): InklingError => new InklingError("INVALID_DATA", message);

/** A picture that owns its pixels. */
type DecodedPicture = CheckedPicture & { readonly data: Uint8Array };

/** How damaged pictures are treated. */
export interface DecodeOptions {
  /** Whether to use what could be decoded of a damaged JPEG; the rest is gray. Default: false. */
  readonly keepDamaged?: boolean;
}

/**
 * Decodes a picture file, identified by its content, to 8-bit samples. Alpha is kept, the orientation that EXIF or XMP
 * states is applied, and 16-bit samples are rounded. Throws `INVALID_DATA`, also for a picture that could be decoded
 * only in part, unless `keepDamaged` is true; the message does not name the file, which the caller knows.
 */
export function decodePicture(
  decoder: Decoder,
  bytes: Uint8Array,
  { keepDamaged = false }: DecodeOptions = {},
): DecodedPicture {
  const kind = checkPictureFile(bytes);
  const decode = (file: Uint8Array) => decoder.decode(file);
  const decoded = kind === "TIFF" ? decodeTiff(bytes, decode) : decode(bytes);
  if (decoded.problem !== "" && !keepDamaged)
    throw damagedPicture(decoded.problem, "fetch or save it again, or keep it as it is (--keep-damaged)");
  const data = decoded.bytesPerSample === 1 ? decoded.data : roundedToBytes(decoded.data);
  const { width, height, channels } = decoded;
  return turned({ width, height, channels, data }, orientationOf(bytes) ?? 1);
}

/**
 * Decodes a picture file as {@link decodePicture} does, composites it onto white, and reduces it to one channel if every
 * pixel is gray, however it was stored. Throws `INVALID_DATA` as that does.
 */
export function decodeImage(decoder: Decoder, bytes: Uint8Array, options?: DecodeOptions): Image {
  const { width, height, channels, data } = decodePicture(decoder, bytes, options);
  const pixels = channels === 2 || channels === 4 ? onWhite(data, channels) : data;
  if (channels < 3) return { width, height, channels: 1, pixels };
  return isGray(pixels)
    ? { width, height, channels: 1, pixels: firstOfThree(pixels) }
    : { width, height, channels: 3, pixels };
}

/** Deflate, PNG's compression, expands one byte to at most 1032 bytes, of eight 1-bit pixels each; no other expands more. */
const MAX_PIXELS_PER_BYTE = 1032 * 8;

/**
 * The format of a picture file. Throws `INVALID_DATA` if a file is not a picture that can be decoded, or claims more pixels than are supported or than
 * its bytes can hold: the decoder allocates memory for all of them before it decodes any.
 */
function checkPictureFile(bytes: Uint8Array): FileKind {
  if (bytes.length === 0) throw invalid("the file is empty");
  const kind = fileKind(bytes);
  if (kind === undefined) {
    const other = otherKind(bytes);
    throw invalid(
      other
        ? `this is ${other}, which is not supported; convert it to PNG or JPEG`
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
  if (width * height > MAX_PIXELS_PER_BYTE * bytes.length)
    throw damagedPicture(`it claims ${width} × ${height} pixels, too many for its ${bytes.length} bytes`);
  return kind;
}

/** Converts 16-bit samples to 8 bits: v / 257, rounded. */
function roundedToBytes(data: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const samples = new DataView(data.buffer);
  const rounded = new Uint8Array(data.length / 2);
  for (let i = 0; i < rounded.length; i++) rounded[i] = Math.round(samples.getUint16(2 * i, true) / 257);
  return rounded;
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
  const result = new Uint8Array(data.length);
  for (let y = 0, to = 0; y < rows; y++)
    for (let x = 0; x < columns; x++) {
      const from = (acrossStart! + downStart! + y * rowStep! + x * columnStep!) * channels;
      for (let c = 0; c < channels; c++) result[to++] = data[from + c]!;
    }
  return { width: columns!, height: rows!, channels, data: result };
}

/** Composites each color c with alpha a onto white, (c·a + 255·(255 − a)) / 255, rounded, and drops the alpha channel. */
function onWhite(raw: Uint8Array, samples: number): Uint8Array {
  const colors = samples - 1;
  const result = new Uint8Array((raw.length / samples) * colors);
  for (let from = 0, to = 0; from < raw.length; from += samples) {
    const alpha = raw[from + colors]!;
    for (let c = 0; c < colors; c++) result[to++] = Math.round((raw[from + c]! * alpha) / 255 + 255 - alpha);
  }
  return result;
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
