import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { InklingError } from "../../../base/error.ts";
import { cacheDirectory } from "../../../base/node/cacheDirectory.ts";
import { ownFolder } from "../../../base/node/ownFolder.ts";
import { fileSystemError } from "../../../base/node/systemError.ts";
import { download, wrongness } from "./download.ts";
import { type NamedSet, namedSet, namedSets } from "./namedSets.ts";
import type { FetchOptions, RemoteFile } from "./options.ts";
import { isAddress, parseAddress, whyRefused } from "./request.ts";

export interface FetchUrlOptions extends FetchOptions {
  /** The expected SHA-256 of the file, in hex. Default: any. */
  readonly sha256?: string;
  /** Whether to fetch the file even if it is in the cache. Default: false. */
  readonly force?: boolean;
}

/** Whether a source can be fetched: the name of a set, or a URL. */
export const isFetched = (source: string): boolean => isAddress(source) || namedSet(source) !== undefined;

/**
 * Fetches a data set, one of {@link namedSets} by name or a file by its URL, into the cache, unless it is already there
 * with the expected size and SHA-256. Returns its path, for `openDataset`. Throws `FILE_SYSTEM`, `ABORTED`, `NETWORK` if
 * all URLs fail, and `INVALID_ARGUMENT` for a source that is neither a name nor a valid URL. A cache that other users may
 * change is refused with `FILE_SYSTEM`.
 */
export async function fetchDataset(source: string, options: FetchUrlOptions = {}): Promise<string> {
  const { folder: planned, files, main } = planOf(source, options);
  let folder = existsSync(planned) ? await ownFolder(planned) : planned;
  for (const file of files) {
    const path = join(folder, file.name);
    const problem = await cacheProblem(file, path);
    if (problem === undefined && !options.force) continue;
    if (isAddress(source)) refuseUnsafe(source, options);
    if (problem) options.onEvent?.({ type: "stale", path, reason: problem });
    folder = await ownFolder(folder);
    await download(file, join(folder, file.name), options);
  }
  return main === undefined ? folder : join(folder, main);
}

/** Rejects insecure URLs. Cached files may be read wherever they came from; only fetching is refused. */
function refuseUnsafe(source: string, { insecure = false }: FetchUrlOptions): void {
  const refused = whyRefused(parseAddress(source), insecure);
  if (refused) throw new InklingError("INVALID_ARGUMENT", `${source}: ${refused}`);
}

/** Whether {@link fetchDataset} would have nothing to do. */
export async function isCached(source: string): Promise<boolean> {
  const { folder, files } = planOf(source, {});
  const problems = await Promise.all(files.map((file) => cacheProblem(file, join(folder, file.name))));
  return problems.every((problem) => problem === undefined);
}

/** Why a cached file cannot be used: "" if there is none, undefined if it can be used. */
async function cacheProblem(file: RemoteFile, path: string): Promise<string | undefined> {
  const status = await stat(path).catch(() => undefined);
  if (!status) return "";
  // The size is checked first, without reading the file.
  const wrongSize = wrongness({ ...file, sha256: undefined }, status.size, "");
  if (wrongSize || file.sha256 === undefined) return wrongSize;
  const hash = createHash("sha256");
  await pipeline(createReadStream(path, { highWaterMark: 2 ** 20 }), hash).catch((cause: Error) => {
    throw fileSystemError(path, "read", cause);
  });
  return wrongness(file, status.size, hash.digest("hex"));
}

type Plan = Pick<NamedSet, "files" | "main"> & { readonly folder: string };

function planOf(source: string, { cache = cacheDirectory(), sha256 }: FetchUrlOptions): Plan {
  const datasets = join(cache, "datasets");
  const set = namedSet(source);
  if (set) return { ...set, folder: join(datasets, set.name) };
  if (!isAddress(source)) {
    const names = namedSets.map(({ name }) => name).join(", ");
    throw new InklingError(
      "INVALID_ARGUMENT",
      `${source} is neither a data set to fetch nor an address; give ${names}, or an address https://…`,
    );
  }
  if (sha256 !== undefined && !/^[0-9a-f]{64}$/i.test(sha256))
    throw new InklingError("INVALID_ARGUMENT", `sha256 is ${sha256}, expected 64 hexadecimal digits`);
  const url = parseAddress(source);
  const file: RemoteFile = {
    name: fileName(url),
    urls: [url.href],
    ...(sha256 !== undefined && { sha256: sha256.toLowerCase() }),
  };
  // Different URLs, or different expected files from one URL, never share a path.
  const key = createHash("sha256")
    .update(`${url.href} ${file.sha256 ?? ""}`)
    .digest("hex")
    .slice(0, 16);
  return { folder: join(datasets, `url-${key}`), files: [file], main: file.name };
}

/** The last path segment of a URL, as a safe file name. */
function fileName(url: URL): string {
  const name = basename(url.pathname)
    .replaceAll(/[^\w.-]+/g, "-")
    .replace(/^\.+/, "");
  return name === "" ? "data" : name.slice(-100);
}
