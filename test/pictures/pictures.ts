import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Dataset } from "../../src/datasets/index.ts";
import { draw, letter, type Rgba, sheet } from "./pictures/scene.ts";

const folder = fileURLToPath(new URL("pictures/", import.meta.url));

/** A picture made for the tests, and the letter that it shows. */
export interface TestPicture {
  readonly name: string;
  readonly path: string;
  readonly label: string;
  readonly bytes: Uint8Array;
}

/** The 20 pictures that `pictures/make.ts` makes. */
export const testPictures = (): readonly TestPicture[] =>
  readdirSync(folder)
    .filter((name) => /\.(png|jpg|webp)$/.test(name))
    .sort()
    .map((name) => ({ name, path: folder + name, label: name[0]!, bytes: readFileSync(folder + name) }));

/** A gray picture from a function of row and column. */
export function grayPicture(width: number, height: number, gray: (x: number, y: number) => number) {
  const data = Uint8Array.from({ length: width * height }, (_, i) => gray(i % width, Math.floor(i / width)));
  return { width, height, channels: 1, data } as const;
}

/** A dark letter on white paper. */
export const letterPicture = (text: string, width: number, height: number): Rgba =>
  draw(
    width,
    height,
    sheet(width, height, "#fff") + letter(text, { x: width / 4, y: 0.8 * height, size: 0.7 * height }),
  );

/** Images of a square, from functions of image, column and row. */
export function datasetOf(count: number, side: number, gray: (image: number, x: number, y: number) => number): Dataset {
  const size = side * side;
  return {
    images: Uint8Array.from({ length: count * size }, (_, i) =>
      gray(Math.floor(i / size), i % side, Math.floor((i % size) / side)),
    ),
    labels: Uint16Array.from({ length: count }, (_, i) => i % 2),
    imageShape: [side, side, 1],
    classNames: ["A", "B"],
    provenance: { source: "test", description: "squares" },
    skipped: [],
  };
}
