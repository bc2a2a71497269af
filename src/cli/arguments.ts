import { InvalidArgumentError } from "commander";

/** Parsers of option values; commander adds the option's name to what they say. */

export function number(text: string): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (Number.isFinite(value)) return value;
  throw new InvalidArgumentError("expected a number.");
}

/** 32 or 32x24: height × width. */
export function imageSize(text: string): [number, number] {
  const [, height, width = height] = /^(\d{1,5})(?:x(\d{1,5}))?$/.exec(text) ?? [];
  if (height !== undefined && width !== undefined && Number(height) > 0 && Number(width) > 0)
    return [Number(height), Number(width)];
  throw new InvalidArgumentError("expected HEIGHTxWIDTH, such as 28x28.");
}
