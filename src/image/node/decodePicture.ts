import { JsColorType, type Metadata, Transformer } from "@napi-rs/image";
import { InklingError } from "../../base/error.ts";
import { claimedSize, MAX_PIXELS } from "../claimedSize.ts";
import { orientationOf } from "../orientation.ts";
import type { CheckedPicture } from "../picture.ts";

const startsWith = (bytes: Uint8Array, at: number, text: string): boolean =>
  [...text].every((character, i) => bytes[at + i] === character.charCodeAt(0));

const readable = (bytes: Uint8Array): boolean =>
  startsWith(bytes, 0, "\x89PNG\r\n\x1a\n") ||
  startsWith(bytes, 0, "\xff\xd8\xff") ||
  (startsWith(bytes, 0, "RIFF") && startsWith(bytes, 8, "WEBP"));

/** Channels of each kind of pixels, and bytes of a sample. */
const layouts: Partial<Record<JsColorType, readonly [channels: 1 | 2 | 3 | 4, bytes: 1 | 2]>> = {
  [JsColorType.L8]: [1, 1],
  [JsColorType.La8]: [2, 1],
  [JsColorType.Rgb8]: [3, 1],
  [JsColorType.Rgba8]: [4, 1],
  [JsColorType.L16]: [1, 2],
  [JsColorType.La16]: [2, 2],
  [JsColorType.Rgb16]: [3, 2],
  [JsColorType.Rgba16]: [4, 2],
};

/** Deflate, PNG's compression, makes at most 1032 bytes of one, which are eight pixels each at one bit. */
const MAX_PIXELS_PER_BYTE = 1032 * 8;

const invalid = (message: string, cause?: unknown): InklingError =>
  new InklingError("INVALID_DATA", message, { cause });

/**
 * A PNG, JPEG or WebP picture, told by its content, with its transparency, turned as its EXIF orientation says;
 * 16-bit samples are rounded to 8. Throws `INVALID_DATA`, without the name, which the caller knows.
 */
export function decodePicture(bytes: Uint8Array): CheckedPicture & { readonly data: Uint8Array } {
  checkPictureFile(bytes);
  const { raw, width, height, colorType } = decode(bytes);
  const layout = layouts[colorType];
  if (!layout)
    throw invalid(`pixels of type ${JsColorType[colorType] ?? colorType} are not read; save it as an 8-bit PNG`);
  const [channels, depth] = layout;
  const data = depth === 1 ? raw : roundedToBytes(raw);
  if (data.length !== width * height * channels)
    throw invalid("the picture is damaged: it has another number of pixels than it says; save it again");
  return { width, height, channels, data };
}

/**
 * Throws `INVALID_DATA` for what is no PNG, JPEG or WebP picture, or claims more pixels than are read: the decoder takes
 * the memory for all before it looks for them.
 */
export function checkPictureFile(bytes: Uint8Array): void {
  if (bytes.length === 0) throw invalid("the file is empty");
  if (!readable(bytes)) throw invalid("this is no PNG, JPEG or WebP picture; convert it to one of them");
  const claimed = claimedSize(bytes);
  if (!claimed) throw invalid("the picture is damaged: it does not say how large it is; fetch or save it again");
  const [height, width] = claimed;
  if (width * height > Math.min(MAX_PIXELS, MAX_PIXELS_PER_BYTE * bytes.length))
    throw invalid(
      `it claims ${width} × ${height} pixels, too many for its ${bytes.length} bytes or for any picture that is read`,
    );
}

interface Decoded extends Pick<Metadata, "width" | "height" | "colorType"> {
  readonly raw: Uint8Array;
}

/** The pixels, turned as EXIF says. */
function decode(bytes: Uint8Array): Decoded {
  try {
    const { width, height, colorType, ...metadata } = new Transformer(bytes).metadataSync(true);
    const orientation = orientationOf(bytes) ?? metadata.orientation ?? 1;
    const decoder = new Transformer(bytes);
    if (!isTurned(orientation)) return { raw: decoder.rawPixelsSync(), width, height, colorType };
    const raw = decoder.rotate(orientation).rawPixelsSync();
    return orientation < 5 ? { raw, width, height, colorType } : { raw, width: height, height: width, colorType };
  } catch (cause) {
    throw invalid(`the picture is damaged: ${(cause as Error).message}; fetch or save it again`, cause);
  }
}

/** Orientations of EXIF: 1 is upright, 2 to 8 are mirrored or turned, and others that files hold mean nothing. */
const isTurned = (orientation: number): boolean => orientation >= 2 && orientation <= 8;

/** 16-bit samples, in the machine's order, as 8-bit ones: v / 257 rounded. */
const roundedToBytes = (raw: Uint8Array): Uint8Array =>
  Uint8Array.from(new Uint16Array(Uint8Array.from(raw).buffer), (sample) => Math.round(sample / 257));
