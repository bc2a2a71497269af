import { deflateSync, Gunzip, inflateSync } from "fflate";
import { joinBounded, type Pieces, type Platform } from "../../formats/platform.ts";
import { webWorkers } from "../../image/pool.ts";
import { piecesOf } from "../files.ts";

/** Larger data are decompressed as a stream; small files are numerous, and one call for each is faster. */
const LARGE = 2 ** 20;

const through = (pieces: Pieces, transform: CompressionStream | DecompressionStream): AsyncGenerator<Uint8Array> =>
  piecesOf(streamOf(pieces).pipeThrough(transform));

function streamOf(pieces: Pieces): ReadableStream<Uint8Array<ArrayBuffer>> {
  const iterator = Symbol.asyncIterator in pieces ? pieces[Symbol.asyncIterator]() : pieces[Symbol.iterator]();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await iterator.next();
      if (done) controller.close();
      else controller.enqueue(value as Uint8Array<ArrayBuffer>);
    },
    async cancel() {
      await iterator.return?.();
    },
  });
}

/** The browser's streams, fflate where there are many small pieces, and Web Workers. */
export const browserPlatform: Platform = {
  gunzip: (pieces) => through(pieces, new DecompressionStream("gzip")),
  gunzipStart(start) {
    let unpacked = new Uint8Array();
    try {
      // A few bytes decompress to a single piece.
      new Gunzip((piece) => {
        if (unpacked.length === 0) unpacked = piece;
      }).push(start);
    } catch {
      // Damaged data decompress to nothing.
    }
    return unpacked;
  },
  inflateRaw(bytes, size, check) {
    if (size <= LARGE) return inflateBounded(bytes, size);
    return joinBounded(through([bytes], new DecompressionStream("deflate-raw")), size, check);
  },
  gzip: (pieces) => through(pieces, new CompressionStream("gzip")),
  deflateRaw: (bytes) => deflateSync(bytes),
  decodeThreads: webWorkers,
};

function inflateBounded(bytes: Uint8Array, size: number): Uint8Array {
  // One extra byte, because fflate does not report that the output exceeds the buffer.
  const inflated = inflateSync(bytes, { out: new Uint8Array(size + 1) });
  if (inflated.length !== size) throw new RangeError(`it holds more or less than the ${size} bytes that it claims`);
  return inflated;
}
