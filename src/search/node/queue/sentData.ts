import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Redis } from "ioredis";
import { InklingError } from "../../../base/error.ts";
import { fileSize } from "../../../base/format.ts";
import { cacheDirectory } from "../../../base/node/cacheDirectory.ts";
import { makeFolders } from "../../../base/node/ownFolder.ts";
import { writeFileAtomic } from "../../../base/node/writeFile.ts";
import { type AnyDataset, bytesPerImage } from "../../../datasets/dataset.ts";
import { encodePack } from "../../../formats/pack.ts";
import type { TrainingData } from "../../../training/trainingData.ts";
import type { Blobs } from "./blobs.ts";
import { PREFIX } from "./connect.ts";

/** The most bytes of a data set that travels through Redis, which holds it in memory. */
const MAX_DATA = 2 ** 29;

/** Seconds for which a request counts. */
const REQUEST = 60;
/** Milliseconds between two looks, and how long a worker waits. */
const LOOK = 250;
const PATIENCE = 120_000;

const dataName = (print: string): string => `data:${print}`;
const requestKey = (print: string): string => `${PREFIX}:wanted:${print}`;

/** The data sets of a study, which its search sends to workers that have no other way to them: each once, when it is asked for. */
export class OfferedData {
  readonly #redis: Redis;
  readonly #blobs: Blobs;
  readonly #data: TrainingData;

  constructor(redis: Redis, blobs: Blobs, data: TrainingData) {
    this.#redis = redis;
    this.#blobs = blobs;
    this.#data = data;
  }

  /** Sends what was asked for and is not on Redis. */
  async answer(): Promise<void> {
    const { dataset, test, validation } = this.#data;
    const { fingerprint, testFingerprint, validationFingerprint } = await this.#data.spec;
    await this.#answer(dataset, fingerprint);
    if (test && testFingerprint) await this.#answer(test, testFingerprint);
    if (validation && validationFingerprint) await this.#answer(validation, validationFingerprint);
  }

  async #answer(set: AnyDataset, print: string): Promise<void> {
    if ((await this.#redis.exists(requestKey(print))) === 0 || (await this.#blobs.has(dataName(print)))) return;
    const bytes = set.labels.length * bytesPerImage(set);
    if (bytes <= MAX_DATA) await this.#blobs.put(dataName(print), await encodePack(set, { compress: true }));
    else await this.#blobs.put(dataName(print), new Uint8Array(), tooLarge(set, bytes));
  }
}

const tooLarge = ({ provenance }: AnyDataset, bytes: number): string =>
  `${provenance.source} has ${fileSize(bytes)}, more than the ${fileSize(MAX_DATA)} that are sent through Redis; put it on each machine and start workers with --data`;

/**
 * The file of a data set in the cache, from Redis if it is not there yet. Throws `NETWORK` if no search sends it, and
 * `UNSUPPORTED` if it is too large to be sent.
 */
export async function receivedData(print: string, redis: Redis, blobs: Blobs, signal: AbortSignal): Promise<string> {
  if (!/^[0-9a-f]{16,128}$/.test(print))
    throw new InklingError("INVALID_DATA", "task: the fingerprint of its data is not one");
  const folder = join(cacheDirectory(), "datasets", "received");
  const path = join(folder, `${print}.inkling`);
  if (existsSync(path)) return path;
  const end = performance.now() + PATIENCE;
  while (performance.now() < end && !signal.aborted) {
    await redis.set(requestKey(print), "1", "EX", REQUEST);
    const blob = await blobs.get(dataName(print), MAX_DATA);
    if (blob && blob.bytes.length === 0) throw new InklingError("UNSUPPORTED", blob.note);
    if (blob) {
      await makeFolders(folder);
      await writeFileAtomic(path, blob.bytes);
      return path;
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK));
  }
  if (signal.aborted) throw new InklingError("ABORTED", "the worker was stopped");
  throw new InklingError(
    "NETWORK",
    "no search has sent the data of a trial; start the worker with --data, or resume the search",
  );
}
