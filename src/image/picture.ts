import { InklingError } from "../base/error.ts";
import { formatShape } from "../base/shape.ts";

/**
 * A picture of any size, such as a canvas's `ImageData`: pixels [H, W, C], row-major, 0 … 255. C is 1 (gray), 2 (gray and
 * alpha), 3 (RGB) or 4 (RGBA), with alpha not premultiplied. Default of `channels`: data.length / (H·W).
 */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly channels?: number;
  readonly data: Uint8Array | Uint8ClampedArray;
}

/** A picture that passed {@link checkPicture}. */
export interface CheckedPicture {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 2 | 3 | 4;
  readonly data: Uint8Array | Uint8ClampedArray;
}

/** Checks a picture and fills in its number of channels. Throws `INVALID_SHAPE` if its size and its bytes do not match. */
export function checkPicture({ width, height, channels, data }: Picture): CheckedPicture {
  const sides = [height, width];
  if (!sides.every((side) => Number.isInteger(side) && side > 0))
    throw new InklingError(
      "INVALID_SHAPE",
      `picture: it is ${formatShape(sides)}, expected a height and a width above 0`,
    );
  const found = channels ?? data.length / (height * width);
  if (data.length !== height * width * found || ![1, 2, 3, 4].includes(found))
    throw new InklingError(
      "INVALID_SHAPE",
      `picture: it has ${data.length} bytes for a height of ${height}, a width of ${width} and ${channels ?? "unstated"} channels; expected height · width · channels of them, with 1 to 4 channels`,
    );
  return { width, height, channels: found as CheckedPicture["channels"], data };
}
