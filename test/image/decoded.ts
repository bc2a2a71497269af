import * as decode from "../../src/image/decode.ts";
import { loadDecoder } from "../../src/image/decoder.ts";
import type { Image } from "../../src/image/image.ts";
import { toBytes } from "../../src/image/picture.ts";

const decoder = await loadDecoder();

/** The image that a data set has for a picture file. */
export const decodeImage = (bytes: Uint8Array, options?: decode.DecodeOptions): Image =>
  decode.asImage(decode.decodePicture(decoder, bytes, options));
/** `decodePicture` with the decoder loaded; 16-bit values are rounded to bytes. */
export const decodePicture = (bytes: Uint8Array, options?: decode.DecodeOptions) =>
  toBytes(decode.decodePicture(decoder, bytes, options));
