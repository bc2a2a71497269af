import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { InklingError, throwIfAborted } from "../../base/error.ts";
import { nearest } from "../../base/nearest.ts";
import { read } from "../../base/node/readFile.ts";
import { fileSystemError } from "../../base/node/systemError.ts";
import type { AnyDataset, Dataset } from "../../datasets/dataset.ts";
import { type Fixes, parseFixes } from "../../datasets/fixes.ts";
import { type SplitName, splitNames } from "../../datasets/splitSizes.ts";
import type { ReadOptions } from "../../formats/format.ts";
import type { Place } from "../../formats/platform.ts";
import { checkImageOptions } from "../../image/image.ts";
import { openPlace, streamPlace } from "../openPlace.ts";
import { fetchDataset, isCached, isFetched } from "./fetch/fetchDataset.ts";
import { namedSet, namedSets } from "./fetch/namedSets.ts";
import type { FetchOptions } from "./fetch/options.ts";
import { type NodeFile, type NodeFolder, placeAt } from "./files.ts";
import { nodePlatform } from "./platform.ts";

/** How to open a data set. */
export interface OpenOptions extends ReadOptions {
  /** How to fetch a source that is not in the cache, or `false` to fetch nothing. Default: the defaults of `FetchOptions`. */
  readonly fetch?: Omit<FetchOptions, "signal"> | false;
}

/** The built-in letters. The relative path is the same from the sources and from the build. */
const LETTERS = fileURLToPath(new URL("../../../data/letters.inkling", import.meta.url));

/**
 * Opens a data set: `letters` is the built-in one; a name or URL that {@link fetchDataset} supports is fetched into the
 * cache if necessary; anything else is the path of a folder or a file in one of the formats of `formats.ts`, identified by
 * its contents. Append `#training`, `#validation` or `#test` to open one part of a source that is already split.
 * Unreadable images are left out and listed in `skipped`.
 *
 * Throws `NOT_FOUND`, `UNKNOWN_FORMAT`, `INVALID_DATA` (damaged, no images, one class only, images of different sizes
 * without `resize`), `INVALID_ARGUMENT` for options, `FILE_SYSTEM`, `ABORTED`, and what {@link fetchDataset} throws.
 */
export const openDataset = (source: string, options: OpenOptions = {}): Promise<Dataset> =>
  withPlace(source, options, (place, all) => openPlace(place, all, nodePlatform));

/**
 * Like {@link openDataset}, but the images of an uncompressed `.inkling` file are read on demand, for training on data
 * sets that do not fit in memory. Each image's checksum is checked when it is read. Other formats are read into memory, and
 * so is everything with `resize` or `channels`.
 */
export const openStreamed = (source: string, options: OpenOptions = {}): Promise<AnyDataset> =>
  withPlace(source, options, (place, all) => streamPlace(place, all, nodePlatform));

/** Reads a fixes file. Throws `NOT_FOUND`, `FILE_SYSTEM`, and what {@link parseFixes} throws. */
export async function readFixes(path: string): Promise<Fixes> {
  const json = await read(path, "create a fixes file with: inkling data audit");
  return parseFixes(new TextDecoder().decode(json), path);
}

/**
 * Locates a source and calls `open`. If a fetched file is damaged or not a data set (such as a login page), the
 * error also says how to fetch it again.
 */
async function withPlace<T>(
  source: string,
  options: OpenOptions,
  open: (place: Place, options: ReadOptions) => Promise<T>,
): Promise<T> {
  checkImageOptions(options);
  const { signal } = options;
  throwIfAborted(signal, source);
  const { name, part = options.part } = divided(source);
  const classNames = options.classNames ?? namedSet(name)?.classNames;
  const place = await look(await pathOf(name, options), name);
  try {
    return await open(place, { ...options, ...(part && { part }), ...(classNames && { classNames }) });
  } catch (cause) {
    if (!(cause instanceof InklingError) || !isFetched(name) || existsSync(name)) throw cause;
    const { code, message } = cause;
    if (code !== "UNKNOWN_FORMAT" && !(code === "INVALID_DATA" && message.includes("damaged"))) throw cause;
    throw new InklingError(code, `${message}\n  To fetch it again: inkling data fetch --force ${name}`, { cause });
  }
}

/** Splits a source into its name and the part after `#`, unless a file of the whole name exists. */
function divided(source: string): { readonly name: string; readonly part?: SplitName } {
  const at = source.lastIndexOf("#");
  const part = splitNames.find((name) => name === source.slice(at + 1));
  return at < 0 || !part || existsSync(source) ? { name: source } : { name: source.slice(0, at), part };
}

/** The path of a source, which is fetched if necessary. A file takes precedence over a named set. */
async function pathOf(source: string, { fetch = {}, signal }: OpenOptions): Promise<string> {
  if (source === "letters") return LETTERS;
  if (!isFetched(source) || existsSync(source)) return source;
  if (fetch === false && !(await isCached(source)))
    throw new InklingError("NOT_FOUND", `${source} is not in the cache, and fetching is disabled; fetch it first`);
  return fetchDataset(source, { ...(fetch || {}), ...(signal && { signal }) });
}

async function look(path: string, source: string): Promise<NodeFile | NodeFolder> {
  try {
    return await placeAt(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== "ENOENT" && code !== "ENOTDIR") throw fileSystemError(path, "read", cause);
    const place = source.slice(0, Math.max(0, source.lastIndexOf("#")));
    if (place !== "" && (isFetched(place) || existsSync(place)))
      throw new InklingError(
        "NOT_FOUND",
        `${source}: ${place} has no part ${source.slice(place.length + 1)}; parts are ${splitNames.join(", ")}`,
        { cause },
      );
    const notFound = (where: string, advice: string) =>
      new InklingError("NOT_FOUND", `data set ${source} was not found${where}; ${advice}`, { cause });
    if (source === "letters") throw notFound(` at ${path}`, "the built-in letters should be there: reinstall inkling");
    const where = isAbsolute(source) ? "" : ` in ${dirname(resolve(path))}`;
    const fetched = fetchableAs(source);
    const commands = fetched.map((name) => `inkling data fetch ${name}`).join(", or ");
    if (fetched.length > 0) {
      const isName = !basename(source).includes(".");
      throw notFound(`${where}${isName ? question(fetched.join(" or ")) : ""}`, `fetch it with: ${commands}`);
    }
    const others =
      "use letters for the built-in data set, or the path of a folder, an archive or a file of images and labels";
    throw notFound(`${where}${await namedLike(path)}`, others);
  }
}

const question = (name: string): string => ` (did you mean ${name}?)`;

/** The names of sets that can be fetched and that a missing source may be a copy of, such as an archive of theirs. */
function fetchableAs(source: string): readonly string[] {
  const plain = (name: string) =>
    basename(name)
      .toLowerCase()
      .replace(/\.(tar\.gz|tgz|tar|zip|inkling)$/, "")
      .replaceAll(/[^a-z0-9]/g, "");
  const wanted = plain(source);
  const names = namedSets.map(({ name }) => name);
  const like = names.filter(
    (name) => wanted.length > 3 && (plain(name).startsWith(wanted) || wanted.startsWith(plain(name))),
  );
  const near = nearest(basename(source), names);
  return like.length > 0 ? like : near === undefined ? [] : [near];
}

/** A question that names the file or folder beside a missing one, or the built-in set, with the most similar name. */
async function namedLike(path: string): Promise<string> {
  const folder = dirname(path);
  const beside = await readdir(folder).catch((): string[] => []);
  const found = nearest(basename(path), folder === "." ? [...beside, "letters"] : beside);
  return found === undefined ? "" : question(found === "letters" ? found : join(folder, found));
}
