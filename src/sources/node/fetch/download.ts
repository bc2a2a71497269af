import { setTimeout as sleep } from "node:timers/promises";
import { InklingError } from "../../../base/error.ts";
import { fileSystemError } from "../../../base/node/systemError.ts";
import type { Clock, FetchOptions, RemoteFile } from "./options.ts";
import { PartialFile } from "./partial.ts";
import { receive } from "./receive.ts";
import { MirrorError, RetryError, request } from "./request.ts";

/** The system clock. */
const machineClock: Clock = {
  now: () => performance.now(),
  sleep: (milliseconds, signal) => sleep(milliseconds, undefined, { ...(signal && { signal }) }),
  alarm(milliseconds, ring) {
    const timer = setTimeout(ring, milliseconds);
    return () => clearTimeout(timer);
  },
};

/** The most attempts per URL, even if each of them makes progress. */
const MAX_TRIES = 100;
const MAX_WAIT_SECONDS = 30;
/** The bytes that have to arrive within `stallSeconds`, or the connection is considered failed. */
const LEAST_BYTES = 2 ** 14;

/**
 * Downloads a file to a path, where it appears only once it is complete and verified. Resumes an earlier download if the
 * server still has the same file, checks size and SHA-256 if known, retries after temporary failures, waiting 1, 2, 4, …
 * up to 30 s, and then tries the next URL.
 *
 * Throws `FILE_SYSTEM`, `ABORTED`, and `NETWORK` if all URLs fail, with the reason for each.
 */
export async function download(file: RemoteFile, path: string, options: FetchOptions = {}): Promise<void> {
  const { signal, onEvent } = options;
  const partial = await PartialFile.take(path);
  const failures: string[] = [];
  try {
    for (const url of file.urls)
      try {
        onEvent?.({ type: "start", name: file.name, url, to: path, ...(file.size && { totalBytes: file.size }) });
        const { bytes, sha256 } = await fromMirror(file, url, partial, options);
        await partial.finish();
        onEvent?.({ type: "done", name: file.name, path, bytes, sha256 });
        return;
      } catch (error) {
        if (!(error instanceof MirrorError) || signal?.aborted) throw error;
        failures.push(`${url}: ${error.message}`);
        onEvent?.({ type: "failed", url, reason: error.message });
      }
  } catch (cause) {
    if (cause instanceof InklingError) throw cause;
    if (signal?.aborted)
      throw new InklingError("ABORTED", `fetching ${file.name} was stopped; the next fetch resumes there`, {
        cause,
      });
    throw (cause as NodeJS.ErrnoException).syscall ? fileSystemError(path, "written", cause) : cause;
  } finally {
    await partial.release();
  }
  throw new InklingError(
    "NETWORK",
    `${file.name} cannot be fetched:\n  ${failures.join("\n  ")}\n  Try again later, or put the file at ${path} yourself`,
  );
}

/** What is known of a file. */
type Facts = { readonly [fact in "size" | "sha256"]?: RemoteFile[fact] | undefined };

async function fromMirror(file: RemoteFile, url: string, partial: PartialFile, options: FetchOptions) {
  const { tries = 5, clock = machineClock, signal, onEvent } = options;
  let failures = 0;
  let wrong = 0;
  // The most bytes received so far: a server that keeps sending the first part makes no progress.
  let most = (await partial.state()).bytes;
  for (let attempt = 1; ; attempt++) {
    try {
      await once(file, url, partial, options);
      const { bytes } = await partial.state();
      const sha256 = await partial.sha256();
      const problem = wrongness(file, bytes, sha256);
      if (!problem) return { bytes, sha256 };
      await partial.discard();
      // Once more from the start: the file may have changed between two ranges.
      if (wrong++ > 0) throw new MirrorError(problem);
      throw new RetryError(problem);
    } catch (error) {
      if (!(error instanceof RetryError)) throw error;
      if (error.restart) await partial.discard();
      const { bytes } = await partial.state();
      failures = bytes > most ? 1 : failures + 1;
      most = Math.max(most, bytes);
      signal?.throwIfAborted();
      if (failures >= tries || attempt >= MAX_TRIES) throw new MirrorError(`${error.message} (tried ${attempt} times)`);
      const seconds = error.seconds ?? Math.min(MAX_WAIT_SECONDS, 2 ** (failures - 1));
      onEvent?.({ type: "retry", url, reason: error.message, seconds });
      await clock.sleep(seconds * 1000, signal);
    }
  }
}

/** Why a downloaded file is not the expected one; undefined if it may be. */
export function wrongness(file: Facts, bytes: number, sha256: string): string | undefined {
  if (file.size !== undefined && bytes !== file.size) return `it has ${bytes} bytes, expected ${file.size}`;
  if (file.sha256 !== undefined && sha256 !== file.sha256)
    return `it is a different file: its SHA-256 is ${sha256}, expected ${file.sha256}`;
  return undefined;
}

/** One connection, which continues after the bytes already received. */
async function once(file: RemoteFile, url: string, partial: PartialFile, options: FetchOptions): Promise<void> {
  const { stallSeconds = 30, clock = machineClock, signal } = options;
  const { bytes, note } = await partial.state();
  // Resume only the same file: the server must provide a validator, or the checksum must be known.
  const isSame = note?.url === url && (note.etag ?? note.lastModified ?? file.sha256) !== undefined;
  const from = isSame ? bytes : 0;
  const wanted = file.size ?? note?.total;
  if (isSame && from > 0 && from === wanted) return;
  const stop = new AbortController();
  let arrived = 0;
  const stalled = () =>
    stop.abort(
      new RetryError(
        arrived === 0
          ? `no data arrived for ${stallSeconds} s`
          : `only ${arrived} bytes arrived in more than ${stallSeconds} s`,
      ),
    );
  let quiet = clock.alarm(stallSeconds * 1000, stalled);
  const alive = (bytes: number) => {
    arrived += bytes;
    if (arrived < LEAST_BYTES) return; // a trickle is not a sign of life
    arrived = 0;
    quiet();
    quiet = clock.alarm(stallSeconds * 1000, stalled);
  };
  const either = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  try {
    const part = await request(url, from, note, options, either);
    if (file.size !== undefined && part.total !== undefined && part.total !== file.size) {
      await part.response.body?.cancel();
      throw new MirrorError(`it has ${part.total} bytes, expected ${file.size}`);
    }
    const next = { url, ...part.validator, ...(part.total !== undefined && { total: part.total }) };
    await receive(part, file, next, partial, options, { clock, alive });
  } catch (error) {
    if (stop.signal.aborted && !signal?.aborted) throw stop.signal.reason;
    throw error;
  } finally {
    quiet();
  }
}
