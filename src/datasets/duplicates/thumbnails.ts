import { type Images, imagePieces } from "../images.ts";

/** Downscaled images: the mean of each cell of f × f pixels, rounded. */
export interface Thumbnails {
  /** [rows, size] */
  readonly pixels: Uint8Array;
  /** Elements of one thumbnail, h·w·C. */
  readonly size: number;
  /** Shape [size]: which of 4 × 4 parts of the image each element is in. */
  readonly parts: Uint8Array;
}

/** The most cells per side. */
const MAX_SIDE = 16;
/** Parts per side. */
const PARTS = 4;

/** Downscales the images of several data sets, which have the same shape, to at most 16 cells per side. */
export function thumbnailsOf(sets: readonly Images[]): Thumbnails {
  const [height, width, channels] = sets[0]!.imageShape;
  const factor = Math.ceil(Math.max(height, width) / MAX_SIDE);
  const [rows, columns] = [Math.ceil(height / factor), Math.ceil(width / factor)];
  const size = rows * columns * channels;
  const parts = new Uint8Array(size);
  for (let i = 0; i < size; i++) {
    const cell = Math.floor(i / channels);
    const [y, x] = [Math.floor(cell / columns), cell % columns];
    parts[i] = Math.floor((y * PARTS) / rows) * PARTS + Math.floor((x * PARTS) / columns);
  }
  const target = new Uint32Array(height * width * channels);
  const counts = new Uint32Array(size);
  for (let p = 0; p < target.length; p++) {
    const [y, x] = [Math.floor(p / channels / width), Math.floor(p / channels) % width];
    target[p] = (Math.floor(y / factor) * columns + Math.floor(x / factor)) * channels + (p % channels);
    counts[target[p]!]!++;
  }
  const count = sets.reduce((sum, { labels }) => sum + labels.length, 0);
  const pixels = new Uint8Array(count * size);
  const sums = new Uint32Array(size);
  let at = 0;
  for (const set of sets)
    for (const piece of imagePieces(set))
      for (let start = 0; start < piece.length; start += target.length) {
        sums.fill(0);
        for (let p = 0; p < target.length; p++) sums[target[p]!]! += piece[start + p]!;
        for (let i = 0; i < size; i++) pixels[at++] = Math.floor(sums[i]! / counts[i]! + 0.5);
      }
  return { pixels, size, parts };
}

/** [rows] each: Σa and √(n·Σa² − (Σa)²) over the n elements a of a row, in exact integers up to the square root. */
export interface Moments {
  readonly sums: Float64Array;
  readonly norms: Float64Array;
}

/** The moments of all rows. */
export function momentsOf({ pixels, size }: Thumbnails): Moments {
  const count = pixels.length / size;
  const [sums, norms] = [new Float64Array(count), new Float64Array(count)];
  for (let row = 0; row < count; row++) {
    let [sum, squares] = [0, 0];
    for (let i = row * size; i < (row + 1) * size; i++) {
      sum += pixels[i]!;
      squares += pixels[i]! * pixels[i]!;
    }
    sums[row] = sum;
    norms[row] = Math.sqrt(size * squares - sum * sum);
  }
  return { sums, norms };
}
