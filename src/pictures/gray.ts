import { type Image, toGray } from "../image/image.ts";

/** How a color picture is converted to gray: by luma, or by taking one channel. */
export type GraySource = "luma" | "red" | "green" | "blue";

/** A channel is used instead of luma if its gray levels are spread this many times as widely. */
const CLEARLY = 1.5;
const channelNames = ["red", "green", "blue"] as const;

/** Luma, or the one channel that has much more contrast, because ink and background are about equally light. */
export function graySourceOf(image: Image): GraySource {
  if (image.channels === 1) return "luma";
  const spreads = channelNames.map((name) => ({ name, spread: spreadOf(grayFrom(image, name)) }));
  const widest = spreads.reduce((a, b) => (b.spread > a.spread ? b : a));
  return widest.spread > CLEARLY * spreadOf(toGray(image)) ? widest.name : "luma";
}

/** Converts a picture to gray. */
export function grayFrom(image: Image, source: GraySource): Image {
  if (image.channels === 1 || source === "luma") return toGray(image);
  const pixels = new Uint8Array(image.width * image.height);
  for (let i = 0, at = channelNames.indexOf(source); i < pixels.length; i++, at += 3) pixels[i] = image.pixels[at]!;
  return { ...image, channels: 1, pixels };
}

/** The range of gray levels from the 2nd to the 98th percentile. */
function spreadOf({ pixels }: Image): number {
  const counts = new Uint32Array(256);
  for (let i = 0; i < pixels.length; i++) counts[pixels[i]!]!++;
  return percentile(counts, 0.98) - percentile(counts, 0.02);
}

/** The first bin of a histogram at which the cumulative count reaches the given share of the total. */
export function percentile(counts: Uint32Array, share: number): number {
  const total = counts.reduce((a, b) => a + b, 0);
  let sum = 0;
  for (let bin = 0; bin < counts.length; bin++) {
    sum += counts[bin]!;
    if (sum > 0 && sum >= share * total) return bin;
  }
  return counts.length - 1;
}
