import { InklingError } from "../../base/error.ts";
import { claimedSize } from "../../image/claimedSize.ts";
import type { Image } from "../../image/image.ts";
import type { Images } from "../../image/node/batch.ts";
import type { DecodePool } from "../../image/node/pool.ts";
import type { Entry } from "./entries.ts";
import type { ReadOptions } from "./format.ts";

/** Files of a batch, and about as many bytes of files and images: few enough to hold some batches. */
const FILES = 256;
const BYTES = 2 ** 22;
/** Batches that wait for one before them. */
const WAITING = 8;

/** A file, and its image or why there is none. */
export interface DecodedEntry {
  readonly entry: Entry;
  readonly image: Image | string;
}

interface Pending {
  readonly entries: readonly Entry[];
  readonly decoded: Images | Promise<Images>;
}

/**
 * Files with their images, some at a time, in the order of the files whatever the threads. Files that were not read
 * say so. Throws `UNSUPPORTED` where the decoder cannot be loaded.
 */
export async function* decodeEntries(
  entries: AsyncIterable<Entry>,
  options: ReadOptions,
): AsyncGenerator<readonly DecodedEntry[]> {
  const pool = await createPool(options);
  const waiting: Pending[] = [];
  try {
    for await (const some of batches(entries)) {
      const readable = some.filter((entry) => entry.unread === undefined).map(({ bytes }) => bytes);
      waiting.push({ entries: some, decoded: pool.decode(readable) });
      while (waiting.length > WAITING || (waiting.length > 0 && !(waiting[0]!.decoded instanceof Promise)))
        yield await finish(waiting.shift()!);
    }
    for (const pending of waiting) yield await finish(pending);
  } finally {
    pool.close();
  }
}

/** Entries in batches. */
async function* batches(entries: AsyncIterable<Entry>): AsyncGenerator<readonly Entry[]> {
  let some: Entry[] = [];
  let bytes = 0;
  for await (const entry of entries) {
    some.push(entry);
    const [height, width] = (entry.bytes.length > 0 && claimedSize(entry.bytes)) || [0, 0];
    bytes += entry.bytes.length + 3 * height * width;
    if (some.length < FILES && bytes < BYTES) continue;
    yield some;
    [some, bytes] = [[], 0];
  }
  if (some.length > 0) yield some;
}

async function finish({ entries, decoded }: Pending): Promise<readonly DecodedEntry[]> {
  const images = (await decoded).values();
  return entries.map((entry) => ({ entry, image: entry.unread ?? (images.next().value as Image | string) }));
}

/** Loaded when first needed, so that packs open where the decoder has no binary for the machine. */
async function createPool(options: ReadOptions): Promise<DecodePool> {
  try {
    const { DecodePool } = await import("../../image/node/pool.ts");
    return new DecodePool(options, options.threads);
  } catch (cause) {
    throw new InklingError(
      "UNSUPPORTED",
      `the image decoder @napi-rs/image cannot be loaded here (${(cause as Error).message}); install it again, or use letters or an .inkling file, which need no decoder`,
      { cause },
    );
  }
}
