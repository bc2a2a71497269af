import { homedir } from "node:os";
import { join } from "node:path";

/**
 * Where fetched data sets, compiled code and timed tilings are kept: `INKLING_CACHE`, or `inkling` in `XDG_CACHE_HOME`, in
 * `~/.cache` or, on Windows, in `LOCALAPPDATA`. Deleting it loses nothing that cannot be had again.
 */
export function cacheDirectory(environment: NodeJS.ProcessEnv = process.env): string {
  const { INKLING_CACHE, XDG_CACHE_HOME, LOCALAPPDATA } = environment;
  if (INKLING_CACHE) return INKLING_CACHE;
  const caches = XDG_CACHE_HOME || (process.platform === "win32" && LOCALAPPDATA) || join(homedir(), ".cache");
  return join(caches, "inkling");
}

/** Where tilings are kept that were timed on this machine. */
export const tilingsDirectory = (): string => join(cacheDirectory(), "tilings");
