import type { Platform } from "../formats/platform.ts";
import { browserPlatform } from "./browser/platform.ts";

let current: Platform = browserPlatform;

/** Sets the platform with which data sets are opened and encoded. */
export function providePlatform(platform: Platform): void {
  current = platform;
}

/** The current platform. Default: a browser. */
export const providedPlatform = (): Platform => current;
