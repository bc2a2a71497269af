import { type Image, toColor } from "../image/image.ts";

/** An image as lines of half-block characters, two pixels each, in 256 colors or, without color, thresholded. */
export function halfBlocks(image: Image, color: boolean): readonly string[] {
  const { width, height, pixels } = toColor(image);
  const at = (x: number, y: number) =>
    y < height ? [...pixels.subarray((y * width + x) * 3).subarray(0, 3)] : [0, 0, 0];
  return Array.from({ length: Math.ceil(height / 2) }, (_, line) => {
    const characters = Array.from({ length: width }, (_, x) => {
      const [upper, lower] = [at(x, 2 * line), at(x, 2 * line + 1)];
      return color
        ? `\x1b[38;5;${colorNumber(upper)};48;5;${colorNumber(lower)}m▀`
        : plain(isLight(upper), isLight(lower));
    });
    return characters.join("") + (color ? "\x1b[0m" : "");
  });
}

const isLight = ([r = 0, g = 0, b = 0]: readonly number[]): boolean => r + g + b > 382;

const plain = (upper: boolean, lower: boolean): string => (upper ? (lower ? "█" : "▀") : lower ? "▄" : " ");

/** One of the terminal's 256 colors: 24 grays start at 232, and a color cube of 6 × 6 × 6 at 16. */
function colorNumber([r = 0, g = 0, b = 0]: readonly number[]): number {
  if (r === g && g === b) return 232 + Math.round((r / 255) * 23);
  const step = (value: number) => Math.round((value / 255) * 5);
  return 16 + 36 * step(r) + 6 * step(g) + step(b);
}
