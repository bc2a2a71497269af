import { type ErrorCode, InklingError, kindOf } from "../base/error.ts";

/** The types of arrays that pixels may be in, and the code of the error for others. */
interface PixelCheck {
  /** Default: Uint8Array and Uint8ClampedArray. */
  readonly types?: readonly ("Uint8Array" | "Uint8ClampedArray" | "Uint16Array")[];
  /** Default: `INVALID_ARGUMENT`. */
  readonly code?: ErrorCode;
}

/**
 * Throws unless pixels are in an array of one of the given types: others, such as floats from 0 to 1, would be rounded to bytes,
 * and the model would answer for another image. `what`: where it happened and what they are.
 */
export function checkPixels(
  what: string,
  pixels: unknown,
  { types = ["Uint8Array", "Uint8ClampedArray"], code = "INVALID_ARGUMENT" }: PixelCheck = {},
): void {
  // By name, since the arrays of another frame or context are of another class.
  const name = Object.prototype.toString.call(pixels).slice(8, -1);
  if (ArrayBuffer.isView(pixels) && types.some((type) => type === name)) return;
  const bytes = types.filter((type) => type !== "Uint16Array").join(" or ");
  const words = types.includes("Uint16Array") ? ", or of 0 to 65535 in a Uint16Array" : "";
  throw new InklingError(
    code,
    `${what} is ${kindOf(pixels)}, expected pixels of 0 to 255 in a ${bytes}${words}; multiply those of 0 to 1 by 255 and round them, and decode files first`,
  );
}
