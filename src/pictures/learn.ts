import { type AnyDataset, bytesPerImage } from "../datasets/dataset.ts";
import { readImages } from "../datasets/images.ts";
import { type Image, imageAt, toGray } from "../image/image.ts";
import type { Box } from "./components.ts";
import { massOf } from "./place.ts";
import { type Preparation, resizeOnly } from "./preparation.ts";
import { medianOf } from "./surface.ts";

/** The most images that are sampled, evenly spaced over the rows. */
const LOOKED_AT = 1000;
/** A pixel is ink if it differs from the background by more than this many gray levels. */
const INK = 64;
/** A border is dark or light if its median is within this many gray levels of black or white. */
const EVEN = 64;
/** The least share of images whose borders must be dark or light. */
const MOSTLY = 0.8;
/** The least ratio of the more frequent kind to the other: in letters, ink fills a third of the borders. */
const CLEARLY = 1.5;

/**
 * Determines from the images of a data set how pictures must be prepared to look like them: whether most borders are dark
 * or light, and whether the ink always fills the image (notMNIST, letters), a smaller frame (MNIST), or neither (photos).
 */
export function learnPreparation(dataset: AnyDataset): Preparation {
  // Pictures have 1 or 3 channels, so they cannot be made to look like images with other channels.
  if (![1, 3].includes(dataset.imageShape[2])) return resizeOnly;
  const images = sampleOf(dataset);
  const background = backgroundOf(images);
  if (background === "any") return resizeOnly;
  const behind = background === "dark" ? 0 : 255;
  const boxes = images.flatMap((image) => {
    const box = inkBox(image, behind);
    return box ? [{ image, box }] : [];
  });
  return { background, ...frameOf(boxes, behind) };
}

function sampleOf(dataset: AnyDataset): Image[] {
  const { imageShape, labels } = dataset;
  const stride = Math.ceil(labels.length / LOOKED_AT);
  const rows = Uint32Array.from({ length: Math.ceil(labels.length / stride) || 0 }, (_, i) => i * stride);
  const images = new Uint8Array(rows.length * bytesPerImage(dataset));
  readImages(dataset, rows, images);
  return Array.from(rows, (_, i) => toGray(imageAt({ images, imageShape }, i)));
}

function backgroundOf(images: readonly Image[]): Preparation["background"] {
  const medians = images.map(({ width, height, pixels }) =>
    medianOf(
      [...pixels].filter((_, i) => {
        const [x, y] = [i % width, Math.floor(i / width)];
        return x === 0 || y === 0 || x === width - 1 || y === height - 1;
      }),
    ),
  );
  const dark = medians.filter((gray) => gray < EVEN).length;
  const light = medians.filter((gray) => gray > 255 - EVEN).length;
  const [more, fewer] = [Math.max(dark, light), Math.min(dark, light)];
  if (images.length === 0 || more + fewer < MOSTLY * images.length || more < CLEARLY * fewer) return "any";
  return dark > light ? "dark" : "light";
}

function inkBox({ width, height, pixels }: Image, behind: number): Box | undefined {
  const box = { left: width, top: height, right: 0, bottom: 0 };
  for (const [i, gray] of pixels.entries()) {
    if (Math.abs(gray - behind) <= INK) continue;
    const [x, y] = [i % width, Math.floor(i / width)];
    box.left = Math.min(box.left, x);
    box.top = Math.min(box.top, y);
    box.right = Math.max(box.right, x + 1);
    box.bottom = Math.max(box.bottom, y + 1);
  }
  return box.right > 0 ? box : undefined;
}

interface Boxed {
  readonly image: Image;
  readonly box: Box;
}

/** Margins below this share of a side count as none, and extents that differ by less as equal. */
const CLOSE = 0.08;

function frameOf(boxes: readonly Boxed[], behind: number): Omit<Preparation, "background"> {
  const nothing = { crop: false, fit: "stretch", margin: 0, center: "box" } as const;
  if (boxes.length === 0) return nothing;
  const shares = boxes.map(({ image: { width, height }, box }) => ({
    across: (box.right - box.left) / width,
    down: (box.bottom - box.top) / height,
  }));
  const lowest = quantile(
    shares.map(({ across, down }) => Math.min(across, down)),
    0.1,
  );
  if (lowest >= 1 - CLOSE) return { ...nothing, crop: true };
  const longer = shares.map(({ across, down }) => Math.max(across, down));
  if (quantile(longer, 0.9) - quantile(longer, 0.1) > CLOSE) return nothing;
  const margin = Math.round(100 * ((1 - quantile(longer, 0.5)) / 2)) / 100;
  return { crop: true, fit: "contain", margin, center: centerOf(boxes, behind) };
}

/** Which is closer to the center of the image, on average: the center of the box or the center of mass. */
function centerOf(boxes: readonly Boxed[], behind: number): Preparation["center"] {
  let [byBox, byMass] = [0, 0];
  for (const { image, box } of boxes) {
    const [x, y] = [image.width / 2, image.height / 2];
    const mass = massOf(image, [behind]);
    byBox += Math.hypot((box.left + box.right) / 2 - x, (box.top + box.bottom) / 2 - y);
    byMass += Math.hypot(mass.x - x, mass.y - y);
  }
  return byMass < byBox ? "mass" : "box";
}

function quantile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.floor(share * (sorted.length - 1))]!;
}
