/** The events that a fetch reports. */
export type FetchEvent =
  | {
      readonly type: "start";
      readonly name: string;
      readonly url: string;
      readonly to: string;
      readonly totalBytes?: number;
    }
  | {
      readonly type: "progress";
      readonly name: string;
      readonly bytes: number;
      readonly totalBytes?: number;
      readonly bytesPerSecond: number;
      readonly secondsLeft?: number;
    }
  /** The cached file is not the expected one, and is fetched again. */
  | { readonly type: "stale"; readonly path: string; readonly reason: string }
  /** The server redirects to another URL. */
  | { readonly type: "redirect"; readonly from: string; readonly to: string }
  | { readonly type: "retry"; readonly url: string; readonly reason: string; readonly seconds: number }
  /** This URL has failed; the next one, if any, is tried. */
  | { readonly type: "failed"; readonly url: string; readonly reason: string }
  | {
      readonly type: "done";
      readonly name: string;
      readonly path: string;
      readonly bytes: number;
      readonly sha256: string;
    };

/** A clock, which tests replace. */
export interface Clock {
  /** The current time in milliseconds. */
  readonly now: () => number;
  /** Resolves after the given time; rejects if the signal is aborted. */
  readonly sleep: (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>;
  /** Calls `ring` after the given time, unless the returned function is called first. */
  readonly alarm: (milliseconds: number, ring: () => void) => () => void;
}

/** How to fetch. */
export interface FetchOptions {
  /** Cancels the fetch; the bytes received so far are kept, and the next fetch resumes. */
  readonly signal?: AbortSignal;
  /** Called for each event. */
  readonly onEvent?: (event: FetchEvent) => void;
  /** Whether to allow URLs, and redirects to URLs, that are neither HTTPS nor loopback. Default: false. */
  readonly insecure?: boolean;
  /** Consecutive failures without progress after which a URL is given up. Default: 5. */
  readonly tries?: number;
  /** Seconds within which at least 16 KiB must arrive, or the connection is considered failed. Default: 30. */
  readonly stallSeconds?: number;
  /** The folder of cached data sets. Default: {@link cacheDirectory}. */
  readonly cache?: string;
  /** Default: the system clock. */
  readonly clock?: Clock;
}

/** A file to fetch. */
export interface RemoteFile {
  readonly name: string;
  /** Tried in order. */
  readonly urls: readonly string[];
  /** The expected size in bytes, if known. */
  readonly size?: number;
  /** The expected SHA-256 in lowercase hex, if known. */
  readonly sha256?: string;
}
