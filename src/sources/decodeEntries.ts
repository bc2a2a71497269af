import { InklingError } from "../base/error.ts";
import type { Entry, ReadOptions } from "../formats/format.ts";
import type { Platform } from "../formats/platform.ts";
import type { DecodedImage, Images } from "../image/decodeBatch.ts";
import { claimedSize } from "../image/header.ts";
import { DecodePool } from "../image/pool.ts";
import { type BatchDecoder, inputDecoder } from "./inputs.ts";

/** The most files per batch, and about the most bytes of files and images: few enough that several batches fit in memory. */
const FILES = 256;
const BYTES = 2 ** 22;
/** The most batches that wait for an earlier one. */
const WAITING = 8;

/** A file, and its image or the reason why it could not be decoded. */
export interface DecodedEntry {
  readonly entry: Entry;
  readonly image: DecodedImage | string;
}

interface Pending {
  readonly entries: readonly Entry[];
  readonly decoded: Images | Promise<Images>;
}

/**
 * Decodes files in batches, in order, whatever the number of threads. Files that were not read have the reason instead of
 * an image. Throws `UNSUPPORTED` if the decoder cannot be loaded.
 */
export async function* decodeEntries(
  entries: AsyncIterable<Entry>,
  options: ReadOptions,
  platform: Platform,
): AsyncGenerator<readonly DecodedEntry[]> {
  const { inputsOf, threads } = options;
  const pool: BatchDecoder = inputsOf
    ? await inputDecoder(inputsOf, options)
    : await DecodePool.open(options, platform.decodeThreads, threads);
  const waiting: Pending[] = [];
  try {
    for await (const some of batches(entries)) {
      const readable = some.filter((entry) => entry.unread === undefined).map(({ bytes }) => bytes);
      waiting.push({ entries: some, decoded: named(some, () => pool.decode(readable)) });
      while (waiting.length > WAITING || (waiting.length > 0 && !(waiting[0]!.decoded instanceof Promise)))
        yield await finish(waiting.shift()!);
    }
    for (const pending of waiting) yield await finish(pending);
  } finally {
    pool.close();
  }
}

/** Groups entries into batches. */
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

/** What `decode` returns. Its errors, such as a lack of memory, say at which files they happened. */
function named(entries: readonly Entry[], decode: () => Images | Promise<Images>): Images | Promise<Images> {
  const located = (error: unknown): never => {
    if (!(error instanceof InklingError)) throw error;
    const [first, last] = [entries[0]!.name, entries.at(-1)!.name];
    const where = first === last ? last : `${first} to ${last}`;
    throw new InklingError(error.code, `${where}: ${error.message}`, { cause: error });
  };
  try {
    const decoded = decode();
    if (!(decoded instanceof Promise)) return decoded;
    const found = decoded.catch(located);
    found.catch(() => {}); // for whoever does not read on
    return found;
  } catch (error) {
    return located(error);
  }
}

async function finish({ entries, decoded }: Pending): Promise<readonly DecodedEntry[]> {
  const images = (await decoded).values();
  return entries.map((entry) => ({ entry, image: entry.unread ?? (images.next().value as DecodedImage | string) }));
}
