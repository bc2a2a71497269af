import type { ValueRange } from "./image.ts";

/** The function that maps the numbers low … high to 0 … 255, rounded and clipped. */
export function levelOf([low, high]: ValueRange): (value: number) => number {
  const scale = 255 / (high - low);
  return (value) => Math.min(255, Math.max(0, Math.round((value - low) * scale)));
}

/** The greatest byte and the greatest 16-bit number. */
export const BYTE = 255;
export const WORD = 65535;

/**
 * The range of numbers from 0 to `high` that could reach `full`: 0 … `full`, but 0 … `high` if they fill at most a quarter
 * of that, since images would be nearly black.
 */
export const rangeWithin = (high: number, full: number): ValueRange => [0, high > 0 && high <= full / 4 ? high : full];

/** Whether numbers of the range 0 … 255 are bytes as they are. */
export const isBytes = ([low, high]: ValueRange): boolean => low === 0 && high === 255;

/** A range in words: 0 … 16. */
export const formatRange = (range: ValueRange): string =>
  range.map((end) => String(Math.round(end * 1e4) / 1e4)).join(" … ");
