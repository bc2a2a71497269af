import { deflateSync, Gunzip, inflateSync } from "fflate";
import { joinBounded, type Pieces, type Platform } from "../../formats/platform.ts";
import { webWorkers } from "../../image/pool.ts";
import { piecesOf } from "../files.ts";

/** What is larger is inflated piece by piece; of what is not, there may be many, and one call each is faster. */
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
      // All that a few bytes unpack to comes at once.
      new Gunzip((piece) => {
        if (unpacked.length === 0) unpacked = piece;
      }).push(start);
    } catch {
      // as for what cannot be unpacked from its first byte on
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
  // One byte more, which stays empty: fflate does not say that there is more than it has room for.
  const inflated = inflateSync(bytes, { out: new Uint8Array(size + 1) });
  if (inflated.length !== size) throw new RangeError(`it holds more or less than the ${size} bytes that it claims`);
  return inflated;
}
