import { InklingError } from "../../tensor/error.ts";
import { adapt } from "../adapt.ts";
import type { Dataset, Provenance, SkippedFile } from "../dataset.ts";
import { checkImageOptions, type Image } from "../image.ts";
import { assemble, type Found } from "./assemble.ts";
import type { Entry } from "./entries.ts";
import type { OpenOptions } from "./format.ts";

/** Files between two calls of `onProgress`. */
const PROGRESS_EVERY = 500;

/**
 * Makes a data set of files named `…/<class>/<file>`. Classes are the names of folders, in order; rows are
 * ordered by class, then by file name, so that an archive and a folder of the same files give the same data set.
 * Files that are no readable image, or stand higher or deeper than most, are skipped and listed by name.
 * Throws `INVALID_DATA` for images of different sizes (unless `resize` is given), for no image, and for fewer than
 * two classes; `ABORTED` when the signal says so.
 */
export async function collect(
  entries: AsyncIterable<Entry>,
  { totalBytes, ...provenance }: Provenance & { readonly totalBytes?: number },
  options: OpenOptions,
): Promise<Dataset> {
  checkImageOptions(options);
  const decode = await loadDecoder();
  // By name: a later file of the same name replaces an earlier one, as it would when extracted.
  const found = new Map<string, Found>();
  const unreadable = new Map<string, SkippedFile>();
  // Only images equally deep have to be of one size: those of another depth than most are left out anyway.
  const firsts = new Map<number, Found>();
  let files = 0;
  let bytes = 0;
  const report = () => options.onProgress?.({ images: files, bytes, ...(totalBytes !== undefined && { totalBytes }) });
  try {
    for await (const entry of entries) {
      if (options.signal?.aborted) break;
      const parts = entry.name.split("/").filter((part) => part !== "" && part !== ".");
      const name = parts.join("/");
      found.delete(name);
      unreadable.delete(name);
      let image: Image | undefined;
      try {
        if (entry.unread !== undefined) throw new InklingError("INVALID_DATA", entry.unread);
        image = adapt(decode(entry.bytes), options);
      } catch (error) {
        if (!(error instanceof InklingError)) throw error;
        unreadable.set(name, { name, reason: error.message });
      }
      if (image) {
        const next = { name, className: parts.at(-2) ?? "", file: parts.at(-1)!, depth: parts.length, image };
        found.set(name, next);
        const first = firsts.get(next.depth) ?? next;
        firsts.set(next.depth, first);
        checkSize(first, next);
      }
      files++;
      bytes = entry.read;
      if (files % PROGRESS_EVERY === 0) report();
    }
  } catch (error) {
    if (!options.signal?.aborted) throw error;
  }
  if (options.signal?.aborted)
    throw new InklingError("ABORTED", `reading ${provenance.source} was stopped after ${files} files`, {
      cause: options.signal.reason,
    });
  bytes = totalBytes ?? bytes;
  report();
  return assemble([...found.values()], [...unreadable.values()], provenance, options);
}

/** Loaded when first needed, so that packs open where the decoder has no binary for the machine. */
async function loadDecoder(): Promise<(bytes: Uint8Array) => Image> {
  try {
    return (await import("./decodeImage.ts")).decodeImage;
  } catch (cause) {
    throw new InklingError(
      "UNSUPPORTED",
      `the image decoder @napi-rs/image cannot be loaded here (${(cause as Error).message}); install it again, or use letters or an .inkling file, which need no decoder`,
      { cause },
    );
  }
}

/** Refuses at once, not after half a million files, what could never be one data set. */
function checkSize(first: Found, next: Found): void {
  const [a, b] = [first.image, next.image];
  if (a.height !== b.height || a.width !== b.width)
    throw new InklingError(
      "INVALID_DATA",
      `${next.name} has ${b.height} x ${b.width} pixels (height x width), and ${first.name} has ${a.height} x ${a.width}; all images need one size: give resize, e.g. [${a.height}, ${a.width}], to scale them to it`,
    );
}
