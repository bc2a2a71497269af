import { type Font, parse } from "opentype.js/dist/opentype.mjs";
import { flatten } from "./outline.ts";
import { rasterize } from "./raster.ts";
import { resize } from "./resize.ts";
import { woffToSfnt } from "./woff.ts";

export const SIZE = 28;
const PIXELS_PER_EM = 64;
const LEVELS = 32;

/** The closest of 32 evenly spaced gray levels from 0 to 255: what is left out makes the pack smaller by half. */
const quantize = (gray: number): number => Math.round((Math.round((gray * (LEVELS - 1)) / 255) * 255) / (LEVELS - 1));

/** Parses a font from the bytes of a WOFF file. */
export const readFont = (woff: Uint8Array): Font => parse(woffToSfnt(woff).buffer);

/**
 * A character as the images of notMNIST show it: white on black, cropped to its ink and stretched to 28 × 28.
 * Undefined where the font lacks it, or has nothing to see there.
 */
export function drawGlyph(font: Font, character: string): Uint8Array | undefined {
  const glyph = font.charToGlyph(character);
  if (glyph.index === 0) return undefined;
  const drawn = rasterize(flatten(glyph.getPath(0, 0, PIXELS_PER_EM).commands));
  return drawn && resize(drawn, SIZE, SIZE).pixels.map(quantize);
}
