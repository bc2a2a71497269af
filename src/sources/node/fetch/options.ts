/** What a fetch reports on its way. */
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
  /** What is in the cache is another file than is meant, and is fetched again. */
  | { readonly type: "stale"; readonly path: string; readonly reason: string }
  /** The server redirects to another address. */
  | { readonly type: "redirect"; readonly from: string; readonly to: string }
  | { readonly type: "retry"; readonly url: string; readonly reason: string; readonly seconds: number }
  /** This address is given up; the next one, if any, follows. */
  | { readonly type: "failed"; readonly url: string; readonly reason: string }
  | {
      readonly type: "done";
      readonly name: string;
      readonly path: string;
      readonly bytes: number;
      readonly sha256: string;
    };

/** Time, which tests replace. */
export interface Clock {
  /** Milliseconds. */
  readonly now: () => number;
  /** Resolves after so long, and rejects when the signal says so. */
  readonly sleep: (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>;
  /** Calls back after so long, unless the function that it gives is called before. */
  readonly alarm: (milliseconds: number, ring: () => void) => () => void;
}

/** How to fetch. */
export interface FetchOptions {
  /** Stops it; what has arrived so far is kept, and the next fetch continues from there. */
  readonly signal?: AbortSignal;
  /** Called on the way. */
  readonly onEvent?: (event: FetchEvent) => void;
  /** Allows addresses that are neither HTTPS nor loopback, and redirects to such. Default: false. */
  readonly insecure?: boolean;
  /** Failures in a row, without a new byte, after which an address is given up. Default: 5. */
  readonly tries?: number;
  /** Seconds without a byte after which a connection counts as failed. Default: 30. */
  readonly stallSeconds?: number;
  /** The folder of cached data sets. Default: {@link cacheDirectory}. */
  readonly cache?: string;
  /** Default: the machine's. */
  readonly clock?: Clock;
}

/** A file to fetch. */
export interface RemoteFile {
  readonly name: string;
  /** Tried in order. */
  readonly urls: readonly string[];
  /** In bytes, where known: another size is a wrong file. */
  readonly size?: number;
  /** In lower-case hex, where known. */
  readonly sha256?: string;
}
