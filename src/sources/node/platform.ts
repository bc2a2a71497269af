import { Readable, type TransformOptions } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setImmediate } from "node:timers/promises";
import {
  constants,
  createGunzip,
  createGzip,
  createInflateRaw,
  deflateRawSync,
  gunzipSync,
  inflateRawSync,
  type ZlibOptions,
} from "node:zlib";
import { joinBounded, type Pieces, type Platform } from "../../formats/platform.ts";
import { workerThreads } from "../../image/node/workerThreads.ts";

/** Unpacked at once: some hundred small files, and more than any header, so that the first piece holds it. */
const PIECE = 2 ** 18;
/** Unpacked ahead, by another thread, while images are decoded. */
const ahead: ZlibOptions & TransformOptions = { chunkSize: PIECE, readableHighWaterMark: 8 * PIECE };
/** What is larger is unpacked piece by piece; of what is not, there may be many, and one call each is faster. */
const LARGE = 2 ** 20;

async function* through(pieces: Pieces, transform: ReturnType<typeof createGunzip>): AsyncGenerator<Uint8Array> {
  // Every failure also ends the loop below, which reports it.
  pipeline(Readable.from(pieces), transform).catch(() => {});
  for await (const piece of transform as AsyncIterable<Uint8Array>) {
    // Whoever takes the pieces may wait for nothing, and the other thread would learn of its next one only at the end.
    await setImmediate();
    yield piece;
  }
}

/** Node's zlib and worker threads. */
export const nodePlatform: Platform = {
  gunzip: (pieces) => through(pieces, createGunzip(ahead)),
  gunzipStart(start) {
    try {
      return gunzipSync(start, { finishFlush: constants.Z_SYNC_FLUSH });
    } catch {
      return new Uint8Array();
    }
  },
  inflateRaw(bytes, size, check) {
    if (size === 0) return new Uint8Array();
    if (size <= LARGE) return inflateRawSync(bytes, { maxOutputLength: size });
    const unpacker = createInflateRaw({ chunkSize: PIECE });
    unpacker.end(bytes);
    return joinBounded(unpacker as AsyncIterable<Uint8Array>, size, check);
  },
  gzip: (pieces) => through(pieces, createGzip()),
  deflateRaw: (bytes) => deflateRawSync(bytes),
  decodeThreads: workerThreads,
};
