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

/** Bytes per decompressed piece: a few hundred small files, and more than any header, so that the first piece holds it. */
const PIECE = 2 ** 18;
/** Decompresses ahead, in another thread, while images are decoded. */
const ahead: ZlibOptions & TransformOptions = { chunkSize: PIECE, readableHighWaterMark: 8 * PIECE };
/** Larger data are decompressed as a stream; small files are numerous, and one call for each is faster. */
const LARGE = 2 ** 20;

async function* through(pieces: Pieces, transform: ReturnType<typeof createGunzip>): AsyncGenerator<Uint8Array> {
  // Every failure also ends the loop below, which reports it.
  pipeline(Readable.from(pieces), transform).catch(() => {});
  for await (const piece of transform as AsyncIterable<Uint8Array>) {
    // Yield to the event loop: a consumer that never awaits I/O would keep zlib's thread from getting its next piece.
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
