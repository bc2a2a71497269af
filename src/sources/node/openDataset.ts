import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { InklingError } from "../../base/error.ts";
import type { AnyDataset, Dataset } from "../../datasets/dataset.ts";
import { type SplitName, splitNames } from "../../datasets/splitSizes.ts";
import type { Format, Glimpse, ReadOptions } from "../../formats/node/format.ts";
import { formats } from "../../formats/node/formats.ts";
import { glimpse, isGzip } from "../../formats/node/glimpse.ts";
import { checkImageOptions } from "../../image/image.ts";
import { fetchDataset, isCached, isFetched } from "./fetch/fetchDataset.ts";
import { namedSet } from "./fetch/namedSets.ts";
import type { FetchOptions } from "./fetch/options.ts";

/** How to open a data set. */
export interface OpenOptions extends ReadOptions {
  /** How a named set is fetched that is not in the cache, or `false` to fetch nothing. Default: by the defaults. */
  readonly fetch?: Omit<FetchOptions, "signal"> | false;
}

/** The built-in letters. Sources and what is built from them stand equally deep in the package. */
const LETTERS = fileURLToPath(new URL("../../../data/letters.inkling", import.meta.url));

/**
 * Opens a data set: `letters` for the built-in one; a name or an address that {@link fetchDataset} knows, fetched into
 * the cache unless it is there; or a path to a folder or a file in one of the forms of `formats.ts`. Files are told
 * apart by their contents. `#training`, `#validation` or `#test` after a source that comes divided takes that part.
 * Unreadable images are left out and named in `skipped`.
 *
 * Throws `NOT_FOUND`, `UNKNOWN_FORMAT`, `INVALID_DATA` (damaged, no images, one class only, images of different sizes
 * without `resize`), `INVALID_ARGUMENT` for options, `FILE_SYSTEM`, `ABORTED`, and what {@link fetchDataset} throws.
 */
export async function openDataset(source: string, options: OpenOptions = {}): Promise<Dataset> {
  return advised(source, async () => {
    const { format, path, options: all } = await locate(source, options);
    return format.open(path, all);
  });
}

/**
 * As {@link openDataset}, but a `.inkling` file that is not compressed is opened at once, whatever its size, and its
 * images stay there until they are read: to train on more than fits in memory. Each image is checked when it is read.
 * With `resize` or `channels` the images are read into memory.
 */
export async function openStreamed(source: string, options: OpenOptions = {}): Promise<AnyDataset> {
  return advised(source, async () => {
    const { format, path, options: all } = await locate(source, options);
    const asItIs = options.resize === undefined && options.channels === undefined;
    return (asItIs && (await format.stream?.(path, all))) || format.open(path, all);
  });
}

/** Says how to replace a fetched file that is no data set, such as a page to log in on, or is damaged. */
async function advised<T>(source: string, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (cause) {
    const { place } = divided(source);
    if (!(cause instanceof InklingError) || !isFetched(place) || existsSync(place)) throw cause;
    const { code, message } = cause;
    if (code !== "UNKNOWN_FORMAT" && !(code === "INVALID_DATA" && message.includes("damaged"))) throw cause;
    throw new InklingError(code, `${message}\n  To fetch it again: inkling data fetch --force ${place}`, { cause });
  }
}

/** Where a source is, and what reads it. */
interface Located {
  readonly format: Format;
  readonly path: string;
  readonly options: ReadOptions;
}

async function locate(source: string, options: OpenOptions): Promise<Located> {
  checkImageOptions(options);
  const { signal } = options;
  if (signal?.aborted) throw new InklingError("ABORTED", `opening ${source} was stopped`, { cause: signal.reason });
  const { place, part = options.part } = divided(source);
  const set = namedSet(place);
  const classNames = options.classNames ?? set?.classNames;
  const path = await pathOf(place, options);
  const seen = await look(path, place);
  const format = formats.find(({ matches }) => matches(seen));
  if (!format) {
    const known = formats.map(({ name }) => name).join(", ");
    throw new InklingError("UNKNOWN_FORMAT", `${path} ${whatIsWrong(seen)}; give letters, ${known}`);
  }
  if (part !== undefined && !format.parts)
    throw new InklingError(
      "INVALID_ARGUMENT",
      `${place} is not divided, so it has no ${part} part; leave #${part} out`,
    );
  return { format, path, options: { ...options, ...(part && { part }), ...(classNames && { classNames }) } };
}

function whatIsWrong({ head }: Glimpse): string {
  if (head.length === 0) return "is empty";
  if (isGzip(head)) return "is gzipped, and of no form that is read so; unpack it first";
  return "is of no form that is read";
}

/** A source and the part of it after `#`, unless a file has that in its name. */
function divided(source: string): { readonly place: string; readonly part?: SplitName } {
  const at = source.lastIndexOf("#");
  const part = splitNames.find((name) => name === source.slice(at + 1));
  return at < 0 || !part || existsSync(source) ? { place: source } : { place: source.slice(0, at), part };
}

/** Where a source is in the file system, after it is fetched if need be. A file goes before a set of the same name. */
async function pathOf(source: string, { fetch = {}, signal }: OpenOptions): Promise<string> {
  if (source === "letters") return LETTERS;
  if (!isFetched(source) || existsSync(source)) return source;
  if (fetch === false && !(await isCached(source)))
    throw new InklingError("NOT_FOUND", `${source} is not in the cache, and nothing is fetched; fetch it first`);
  return fetchDataset(source, { ...(fetch || {}), ...(signal && { signal }) });
}

async function look(path: string, source: string): Promise<Glimpse> {
  try {
    return await glimpse(path);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code !== "ENOENT" && code !== "ENOTDIR")
      throw new InklingError("FILE_SYSTEM", `${path} cannot be read: ${message}`, { cause });
    const place = source.slice(0, Math.max(0, source.lastIndexOf("#")));
    if (place !== "" && (isFetched(place) || existsSync(place)))
      throw new InklingError(
        "NOT_FOUND",
        `${source}: ${place} has no part ${source.slice(place.length + 1)}; parts are ${splitNames.join(", ")}`,
        { cause },
      );
    const advice =
      source === "letters"
        ? "the built-in letters belong there: install inkling again"
        : `there is nothing at ${resolve(path)}: give letters for the built-in data set, or the path of a folder, a .tar.gz archive or an .inkling file`;
    throw new InklingError("NOT_FOUND", `data set ${source} is not found at ${path}; ${advice}`, { cause });
  }
}
