import type { Platform } from "../formats/platform.ts";

let current: Platform | undefined;

/** Opens and encodes data sets with this platform from now on. */
export function providePlatform(platform: Platform): void {
  current = platform;
}

/** The platform that the entry of the library has provided. */
export function providedPlatform(): Platform {
  if (!current) throw new Error("no platform is provided: import inkling, or inkling/node");
  return current;
}
