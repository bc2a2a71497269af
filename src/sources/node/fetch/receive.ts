import { piecesOf } from "../../files.ts";
import type { Clock, FetchOptions, RemoteFile } from "./options.ts";
import type { PartialFile, PartialNote } from "./partial.ts";
import { MirrorError, type Part, RetryError, reasonOf } from "./request.ts";

/** Milliseconds between progress events. */
const REPORT_EVERY = 200;
/** The most bytes of a file whose size neither the server nor the caller states: such a file may never end. */
const MAX_UNANNOUNCED = 2 ** 34;

/**
 * Appends the received bytes to the partial file, and reports progress. Throws `RetryError` if the connection ends early,
 * stalls, or delivers more bytes than announced.
 */
export async function receive(
  part: Part,
  file: RemoteFile,
  note: PartialNote,
  partial: PartialFile,
  { onEvent }: FetchOptions,
  { clock, alive }: { readonly clock: Clock; readonly alive: (bytes: number) => void },
): Promise<void> {
  const { response, start, total } = part;
  const started = clock.now();
  let reported = started;
  let bytes = start;
  const report = () => {
    const bytesPerSecond = (bytes - start) / Math.max(0.001, (clock.now() - started) / 1000);
    onEvent?.({
      type: "progress",
      name: file.name,
      bytes,
      bytesPerSecond,
      ...(total !== undefined && { totalBytes: total, secondsLeft: (total - bytes) / Math.max(1, bytesPerSecond) }),
    });
  };
  const target = await partial.write(start, note);
  try {
    for await (const piece of pieces(response)) {
      alive(piece.length);
      if (bytes + piece.length > (total ?? file.size ?? Number.POSITIVE_INFINITY))
        throw new RetryError("the server sent more data than announced", {}, undefined, true);
      if (bytes + piece.length > MAX_UNANNOUNCED && total === undefined && file.size === undefined)
        throw new MirrorError(`it sent more than ${MAX_UNANNOUNCED / 2 ** 30} GiB without saying how much is to come`);
      for (let written = 0; written < piece.length; )
        written += (await target.write(piece, written, piece.length - written, bytes + written)).bytesWritten;
      bytes += piece.length;
      if (clock.now() - reported < REPORT_EVERY) continue;
      reported = clock.now();
      report();
    }
    await target.sync();
  } finally {
    await target.close();
  }
  report();
  if (total !== undefined && bytes < total) throw new RetryError(`the connection ended after ${bytes} bytes`);
}

/** The chunks of the body. Connection errors are temporary failures. */
async function* pieces({ body }: Response): AsyncGenerator<Uint8Array> {
  try {
    if (body) yield* piecesOf(body);
  } catch (cause) {
    throw new RetryError(reasonOf(cause), { cause });
  }
}
