/* How people read numbers, in the messages and reports of every part. */

/** 0.9155 as 91.6 */
export const percent = (share: number): string => (100 * share).toFixed(1);

/** A difference of shares, in percentage points: 0.011 as +1.1, −0.005 as −0.5 */
export const points = (difference: number): string => `${difference < 0 ? "−" : "+"}${percent(Math.abs(difference))}`;

/** 90.0–92.9 % */
export const formatInterval = ([low, high]: readonly [number, number]): string => `${percent(low)}–${percent(high)} %`;

/** 12,345 */
export const whole = (n: number): string => Math.round(n).toLocaleString("en-US");

/** 1 file, 12,345 files */
export const quantity = (n: number, singular: string, plural = `${singular}s`): string =>
  `${whole(n)} ${n === 1 ? singular : plural}`;

/** 7 s, 2 min 5 s, 3 h 20 min */
export function duration(seconds: number): string {
  const rounded = Math.ceil(seconds);
  const minutes = Math.floor(rounded / 60);
  if (minutes === 0) return `${rounded} s`;
  return minutes < 60 ? `${minutes} min ${rounded % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

const BAR = 24;
/** A bar of block characters for a fraction from 0 to 1. */
export function bar(share: number): string {
  const full = Math.round(BAR * Math.min(1, share));
  return "█".repeat(full) + "░".repeat(BAR - full);
}

/** 8,458,043 as 8.5 MB */
export const fileSize = (bytes: number): string =>
  bytes < 1e6 ? `${whole(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
