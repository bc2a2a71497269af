import { Transformer } from "@napi-rs/image";

/** A picture of RGBA pixels, which everything here works on. */
export interface Rgba {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** Where a letter's base line begins, and how it looks. */
export interface LetterStyle {
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly fill?: string;
  readonly font?: string;
  /** Further attributes of its SVG element. */
  readonly style?: string;
}

/** A picture of SVG elements on a width × height canvas, with the fonts of the system. */
export function draw(width: number, height: number, elements: string): Rgba {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${elements}</svg>`;
  const drawn = Transformer.fromSvg(svg);
  // The renderer draws several pixels for each unit, as many as it likes.
  const factor = drawn.metadataSync().width / width;
  return { width, height, data: averaged(drawn.rawPixelsSync(), width, height, factor) };
}

/** RGBA pixels from means over squares; colors count by their alpha. */
function averaged(raw: Uint8Array, width: number, height: number, factor: number): Uint8Array {
  const data = new Uint8Array(width * height * 4);
  for (let i = 0; i < width * height; i++) {
    const [left, top] = [(i % width) * factor, Math.floor(i / width) * factor];
    const sum = [0, 0, 0, 0];
    for (let y = top; y < top + factor; y++)
      for (let x = left; x < left + factor; x++) {
        const at = (y * width * factor + x) * 4;
        for (let c = 0; c < 3; c++) sum[c]! += raw[at + c]! * raw[at + 3]!;
        sum[3]! += raw[at + 3]!;
      }
    for (let c = 0; c < 3; c++) data[i * 4 + c] = sum[3] === 0 ? 0 : Math.round(sum[c]! / sum[3]!);
    data[i * 4 + 3] = Math.round(sum[3]! / factor ** 2);
  }
  return data;
}

/** A letter as an SVG element. */
export const letter = (
  text: string,
  { x, y, size, fill = "#111", font = "DejaVu Sans", style = "" }: LetterStyle,
): string => `<text x="${x}" y="${y}" font-family="${font}" font-size="${size}" fill="${fill}" ${style}>${text}</text>`;

export const sheet = (width: number, height: number, fill: string): string =>
  `<rect width="${width}" height="${height}" fill="${fill}"/>`;

/** Each color channel by a function of its value and its place, 0 to 1 in both directions. */
export function shade({ width, height, data }: Rgba, light: (x: number, y: number) => number): Rgba {
  const shaded = data.map((value, i) => {
    const pixel = Math.floor(i / 4);
    if (i % 4 === 3) return value;
    return clamp(value * light((pixel % width) / width, Math.floor(pixel / width) / height));
  });
  return { width, height, data: shaded };
}

const clamp = (value: number): number => Math.max(0, Math.min(255, Math.round(value)));

/** Noise of a sensor: the sum of uniform numbers of a fixed generator, with the given standard deviation. */
export function grain({ width, height, data }: Rgba, deviation: number, seed: number): Rgba {
  let state = seed;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const normal = () => Math.sqrt(3) * (uniform() + uniform() + uniform() + uniform() - 2);
  return { width, height, data: data.map((value, i) => (i % 4 === 3 ? value : clamp(value + deviation * normal()))) };
}

/** As seen by a camera at an angle: the sheet is turned about its middle, and its far side is smaller. */
export function tilt({ width, height, data }: Rgba, degrees: number, depth: number): Rgba {
  const seen = new Uint8Array(data.length);
  const [cos, sin] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const [u, v] = [x - width / 2, y - height / 2];
      const scale = 1 + (depth * v) / height;
      const from: [number, number] = [
        (cos * u + sin * v) / scale + width / 2,
        (cos * v - sin * u) / scale + height / 2,
      ];
      for (let c = 0; c < 4; c++) seen[(y * width + x) * 4 + c] = between({ width, height, data }, from, c);
    }
  return { width, height, data: seen };
}

/** The value between four pixels; outside lies what is at the edge. */
function between({ width, height, data }: Rgba, [x, y]: readonly [number, number], channel: number): number {
  const at = (column: number, row: number) =>
    data[(Math.max(0, Math.min(height - 1, row)) * width + Math.max(0, Math.min(width - 1, column))) * 4 + channel]!;
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [u, v] = [x - left, y - top];
  const upper = at(left, top) * (1 - u) + at(left + 1, top) * u;
  const lower = at(left, top + 1) * (1 - u) + at(left + 1, top + 1) * u;
  return Math.round(upper * (1 - v) + lower * v);
}

const coder = ({ width, height, data }: Rgba) => Transformer.fromRgbaPixels(data, width, height);
export const png = (picture: Rgba): Uint8Array => coder(picture).pngSync();
export const jpeg = (picture: Rgba, quality = 80): Uint8Array => coder(picture).jpegSync(quality);
export const webp = (picture: Rgba, quality = 80): Uint8Array => coder(picture).webpSync(quality);

/** A JPEG with an EXIF tag that says how to turn it; its pixels are stored as they are. */
export function oriented(bytes: Uint8Array, orientation: number): Uint8Array {
  const tag = `4d4d002a0000000800010112000300000001000${orientation}0000${"0".repeat(8)}`;
  const exif = Buffer.concat([Buffer.from("Exif\0\0", "latin1"), Buffer.from(tag, "hex")]);
  const header = Buffer.from([0xff, 0xe1, 0, exif.length + 2]);
  return Buffer.concat([bytes.subarray(0, 2), header, exif, bytes.subarray(2)]);
}
