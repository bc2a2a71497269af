import { randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import * as v from "valibot";
import { concatBytes } from "../../../base/bytes.ts";
import { parseConfig, wholeNumber } from "../../../base/config.ts";
import { InklingError } from "../../../base/error.ts";
import { parseJsonObject } from "../../../base/json.ts";
import { sha256 } from "../../../base/sha256.ts";
import { PREFIX } from "./connect.ts";

/** Bytes in one value of Redis, which serves nobody else while it reads or writes one. */
const PIECE = 2 ** 22;
/** Seconds until bytes that nobody has fetched are dropped: a week. */
const LIFE = 7 * 24 * 3600;

/** The most bytes of an entry. Whoever drops it deletes each of its pieces. */
const MOST = 2 ** 32;

const schema = v.strictObject({
  id: v.pipe(v.string("an id"), v.uuid("an id")),
  bytes: v.pipe(wholeNumber, v.maxValue(MOST, `at most ${MOST}`)),
  sha256: v.string("a SHA-256"),
  note: v.string("a text"),
});

/** Bytes on Redis, with a note. */
export interface Blob {
  readonly bytes: Uint8Array;
  readonly note: string;
}

/**
 * Bytes by name on Redis, in pieces. A reader gets what one call of `put` has written, whole, or nothing: pieces have new
 * names each time, and the entry that lists them is written last. What was replaced or is never fetched expires.
 */
export class Blobs {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  /** Writes bytes, and a note of a few words. */
  async put(name: string, bytes: Uint8Array, note = ""): Promise<void> {
    const before = await this.#entry(name);
    const id = randomUUID();
    for (let at = 0; at < bytes.length; at += PIECE)
      await this.#redis.set(pieceKey(id, at), Buffer.from(bytes.subarray(at, at + PIECE)), "EX", LIFE);
    const entry = { id, bytes: bytes.length, sha256: await sha256(bytes), note };
    await this.#redis.set(key(name), JSON.stringify(entry), "EX", LIFE);
    if (before) await this.#drop(before);
  }

  /**
   * The bytes of a name; undefined if there are none, or if they are damaged or incomplete. Throws `UNSUPPORTED` if there are
   * more than `most`.
   */
  async get(name: string, most: number): Promise<Blob | undefined> {
    const entry = await this.#entry(name);
    if (!entry) return undefined;
    if (entry.bytes > most)
      throw new InklingError("UNSUPPORTED", `${name} has ${entry.bytes} bytes, more than the limit of ${most}`);
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < entry.bytes; at += PIECE) {
      const piece = await this.#redis.getBuffer(pieceKey(entry.id, at));
      if (piece?.length !== Math.min(PIECE, entry.bytes - at)) return undefined;
      pieces.push(piece);
    }
    const bytes = concatBytes(pieces);
    return (await sha256(bytes)) === entry.sha256 ? { bytes, note: entry.note } : undefined;
  }

  async has(name: string): Promise<boolean> {
    return (await this.#redis.exists(key(name))) === 1;
  }

  async remove(...names: readonly string[]): Promise<void> {
    for (const name of names) {
      const entry = await this.#entry(name);
      await this.#redis.del(key(name));
      if (entry) await this.#drop(entry);
    }
  }

  async #entry(name: string): Promise<v.InferOutput<typeof schema> | undefined> {
    const text = await this.#redis.get(key(name));
    return text === null
      ? undefined
      : parseConfig(schema, parseJsonObject(text), `${key(name)} on Redis`, "INVALID_DATA");
  }

  async #drop({ id, bytes }: v.InferOutput<typeof schema>): Promise<void> {
    for (let at = 0; at < bytes; at += PIECE) await this.#redis.del(pieceKey(id, at));
  }
}

const key = (name: string): string => `${PREFIX}:blob:${name}`;
const pieceKey = (id: string, at: number): string => `${PREFIX}:piece:${id}:${at}`;
