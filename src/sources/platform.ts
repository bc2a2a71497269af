import type { Platform } from "../formats/platform.ts";
import { browserPlatform } from "./browser/platform.ts";

let current: Platform = browserPlatform;

/** Opens and encodes data sets with this platform from now on. */
export function providePlatform(platform: Platform): void {
  current = platform;
}

/** The platform that the entry of the library has provided. Default: a browser. */
export const providedPlatform = (): Platform => current;
