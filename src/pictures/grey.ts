import { type Image, toGrey } from "../image/image.ts";

/** What a colour picture's grey is taken from. */
export type GreySource = "luma" | "red" | "green" | "blue";

/** How much wider the greys of one channel must spread than the luma's to be taken instead. */
const CLEARLY = 1.5;
const channelNames = ["red", "green", "blue"] as const;

/** The luma, or the one channel that shows much more where ink and background are equally light. */
export function greySourceOf(image: Image): GreySource {
  if (image.channels === 1) return "luma";
  const spreads = channelNames.map((name) => ({ name, spread: spreadOf(greyFrom(image, name)) }));
  const widest = spreads.reduce((a, b) => (b.spread > a.spread ? b : a));
  return widest.spread > CLEARLY * spreadOf(toGrey(image)) ? widest.name : "luma";
}

/** The picture in grey. */
export function greyFrom(image: Image, source: GreySource): Image {
  if (image.channels === 1 || source === "luma") return toGrey(image);
  const pixels = new Uint8Array(image.width * image.height);
  for (let i = 0, at = channelNames.indexOf(source); i < pixels.length; i++, at += 3) pixels[i] = image.pixels[at]!;
  return { ...image, channels: 1, pixels };
}

/** Greys from the 2nd to the 98th percentile. */
function spreadOf({ pixels }: Image): number {
  const counts = new Uint32Array(256);
  for (let i = 0; i < pixels.length; i++) counts[pixels[i]!]!++;
  return percentile(counts, 0.98) - percentile(counts, 0.02);
}

/** The first bin at which the given share of all counts is reached. */
export function percentile(counts: Uint32Array, share: number): number {
  const total = counts.reduce((a, b) => a + b, 0);
  let sum = 0;
  for (let bin = 0; bin < counts.length; bin++) {
    sum += counts[bin]!;
    if (sum > 0 && sum >= share * total) return bin;
  }
  return counts.length - 1;
}
