import { type ErrorCode, InklingError, kindOf } from "../base/error.ts";

/** Types of arrays that hold pixels of 0 to 255. */
const byteTypes = ["Uint8Array", "Uint8ClampedArray"];
/** Types of arrays that pictures may have, with those of 16 bits: 0 to 65535. */
export const pictureTypes: readonly string[] = [...byteTypes, "Uint16Array"];

/**
 * Throws, with the given code, unless pixels are in an array of one of the given types: others, such as floats from 0 to 1, would
 * be rounded to bytes, and the model would answer for another image. `what`: where it happened and what they are.
 */
export function checkPixels(
  what: string,
  pixels: unknown,
  types: readonly string[] = byteTypes,
  code: ErrorCode = "INVALID_ARGUMENT",
): void {
  const kind = kindOf(pixels);
  if (!types.includes(kind.slice(2)))
    throw new InklingError(
      code,
      `${what} is ${kind}, expected pixels from 0 to 255 in a ${types.slice(0, 2).join(" or ")}; multiply those from 0 to 1 by 255`,
    );
}
