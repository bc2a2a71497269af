import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";

/**
 * The directory for fetched data sets, compiled code and timed tilings: `INKLING_CACHE` if set, otherwise `inkling` in
 * `XDG_CACHE_HOME`, in `LOCALAPPDATA` (Windows) or in `~/.cache`. A relative `XDG_CACHE_HOME` is ignored, as its
 * specification requires. It is safe to delete: everything can be recreated.
 */
export function cacheDirectory(environment: NodeJS.ProcessEnv = process.env): string {
  const { INKLING_CACHE, XDG_CACHE_HOME = "", LOCALAPPDATA } = environment;
  if (INKLING_CACHE) return resolve(INKLING_CACHE);
  const shared = isAbsolute(XDG_CACHE_HOME) ? XDG_CACHE_HOME : undefined;
  const caches = shared ?? ((process.platform === "win32" && LOCALAPPDATA) || join(homedir(), ".cache"));
  return join(caches, "inkling");
}

/** The directory of the tilings that were timed on this machine. */
export const tilingsDirectory = (): string => join(cacheDirectory(), "tilings");
