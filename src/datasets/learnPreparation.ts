import { type Box, type Image, imageAt } from "../image/image.ts";
import { borderColor, massOf, place } from "../image/place.ts";
import { type Preparation, resizeOnly } from "../pictures/preparation.ts";
import { preparePicture } from "../pictures/prepare.ts";
import { type AnyDataset, bytesPerImage, checkFields } from "./dataset.ts";
import { readImages } from "./images.ts";

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

/** What was learned before: a training, its measurements and its messages ask for the same, and redrawing takes time. */
const learned = new WeakMap<AnyDataset, Preparation>();

/**
 * How pictures become inputs of a model that is trained on a data set, as its own images did.
 *
 * What reading did to the images is done to pictures as well. Beyond that, pictures of other sizes than the source's are
 * redrawn as ink on a plain background if the images are gray, were all of one size, most have a dark or light border, and
 * redrawing them keeps their gray levels; otherwise color or brightness may be what the classes differ in. The ink always
 * fills the images (notMNIST, letters), a smaller frame (MNIST), or neither. Learned once for a data set.
 */
export function learnPreparation(dataset: AnyDataset): Preparation {
  checkFields(dataset);
  const known = learned.get(dataset) ?? preparationFor(dataset);
  learned.set(dataset, known);
  return known;
}

function preparationFor(dataset: AnyDataset): Preparation {
  const { preparation, resize, ...kept } = dataset.conversion ?? {};
  if (preparation) return preparation;
  const resized = { ...resizeOnly, ...(resize && { fit: resize.fit }), ...kept };
  if (resize && !resize.from) return resized;
  const ink = learnInk(dataset);
  if (!ink) return resized;
  return { ...ink, ...(resize?.from && { from: { size: resize.from, fit: resize.fit } }), ...kept };
}

/** How pictures are redrawn to look like the images; undefined if these do not show ink on a plain background. */
function learnInk(dataset: AnyDataset): Preparation | undefined {
  if (dataset.imageShape[2] !== 1) return undefined;
  const { images, labels } = sampleOf(dataset);
  const background = backgroundOf(images);
  if (background === "any") return undefined;
  const behind = background === "dark" ? 0 : 255;
  const boxes = images.flatMap((image) => {
    const box = inkBox(image, behind);
    return box ? [{ image, box }] : [];
  });
  const ink = { background, ...frameOf(boxes, behind) } as const;
  return keepsGrayLevels(ink, images, labels) ? ink : undefined;
}

interface Sample {
  readonly images: readonly Image[];
  readonly labels: readonly number[];
}

function sampleOf(dataset: AnyDataset): Sample {
  const { imageShape, labels } = dataset;
  const stride = Math.ceil(labels.length / LOOKED_AT);
  const rows = Uint32Array.from({ length: Math.ceil(labels.length / stride) || 0 }, (_, i) => i * stride);
  const images = new Uint8Array(rows.length * bytesPerImage(dataset));
  readImages(dataset, rows, images);
  return {
    images: Array.from(rows, (_, i) => imageAt({ images, imageShape }, i)),
    labels: Array.from(rows, (row) => labels[row]!),
  };
}

/** The most images that are redrawn. */
const REDRAWN = 128;
/** An image keeps its gray levels if they change by at most this much on average. */
const KEPT = 20;
/** The least share of images that keep them: of all, and of each class of which enough are redrawn. */
const NEARLY_ALL = 0.9;
const MOST = 0.5;
const ENOUGH = 5;

/** Whether nearly all images, and most of each class, keep their gray levels when they are redrawn. */
function keepsGrayLevels(ink: Preparation, images: readonly Image[], labels: readonly number[]): boolean {
  const step = Math.ceil(images.length / REDRAWN);
  const redrawn = images.flatMap((image, i) =>
    i % step === 0 ? [{ label: labels[i], kept: changeOf(image, ink) <= KEPT }] : [],
  );
  const isKept = (some: typeof redrawn, share: number) => some.filter(({ kept }) => kept).length >= share * some.length;
  const classes = [...new Set(labels)].map((label) => redrawn.filter((one) => one.label === label));
  return isKept(redrawn, NEARLY_ALL) && classes.every((some) => some.length < ENOUGH || isKept(some, MOST));
}

/**
 * How much the gray levels of an image change when a picture of it is redrawn, with more of its background around it if
 * pictures are cropped: the mean difference of the sorted pixels, so that ink that moves by a pixel does not count.
 */
function changeOf(image: Image, ink: Preparation): number {
  const { height, width, channels, pixels } = image;
  const around = { fit: "contain", margin: 0.25, center: "box", fill: [ink.background === "dark" ? 0 : 255] } as const;
  const picture = ink.crop ? place(image, { height: 2 * height, width: 2 * width, ...around }) : image;
  const shape = [height, width, channels] as const;
  const redrawn = preparePicture({ ...picture, data: picture.pixels }, shape, ink, { prepare: "always" }).image;
  const [before, after] = [pixels.toSorted(), redrawn.pixels.toSorted()];
  return before.reduce((sum, gray, i) => sum + Math.abs(gray - after[i]!), 0) / before.length;
}

function backgroundOf(images: readonly Image[]): Preparation["background"] {
  const medians = images.map((image) => borderColor(image)[0]!);
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
    byBox += distance((box.left + box.right) / 2 - x, (box.top + box.bottom) / 2 - y);
    byMass += distance(mass.x - x, mass.y - y);
  }
  return byMass < byBox ? "mass" : "box";
}

const distance = (x: number, y: number): number => Math.sqrt(x * x + y * y);

function quantile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.floor(share * (sorted.length - 1))]!;
}
