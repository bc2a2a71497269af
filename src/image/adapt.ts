import { type Image, type ImageOptions, toColor, toGray } from "./image.ts";
import { place } from "./place.ts";

/** Applies the options to an image: first the channels, then the size. */
export function adapt(image: Image, { channels, resize: size, fit = "stretch" }: ImageOptions): Image {
  const converted = channels === 1 ? toGray(image) : channels === 3 ? toColor(image) : image;
  if (!size) return converted;
  return place(converted, { height: size[0], width: size[1], fit, margin: 0, center: "box", fill: "edge" });
}
