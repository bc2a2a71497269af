import { InklingError } from "../base/error.ts";
import { formatShape } from "../base/shape.ts";

/**
 * A picture of any size: pixels [height, width, channels], row-major, 0 … 255, such as a canvas's `ImageData`.
 * Channels are 1 (grey), 2 (grey, alpha), 3 (red, green, blue) or 4 (with alpha, not premultiplied);
 * by default what the number of bytes says.
 */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly channels?: number;
  readonly data: Uint8Array | Uint8ClampedArray;
}

/** A picture whose parts are found to fit together. */
export interface CheckedPicture {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 2 | 3 | 4;
  readonly data: Uint8Array | Uint8ClampedArray;
}

/** The same picture with its channels named. Throws `INVALID_SHAPE` where its size and bytes do not fit together. */
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
