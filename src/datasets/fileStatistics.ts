import { claimedSize, imageKind } from "../image/header.ts";

/** Statistics of a source's image files, before images are resized. */
export interface FileStatistics {
  readonly count: number;
  readonly bytes: { readonly total: number; readonly smallest: number; readonly largest: number };
  /** Such as `PNG gray 8 bits`, the most frequent first. */
  readonly kinds: readonly { readonly kind: string; readonly count: number }[];
  /** The most frequent first. */
  readonly sizes: readonly { readonly height: number; readonly width: number; readonly count: number }[];
}

/** Collects statistics of a source's image files while it is read. */
export class FileCounter {
  readonly #kinds = new Map<string, number>();
  readonly #sizes = new Map<string, number>();
  #count = 0;
  #total = 0;
  #smallest = Number.POSITIVE_INFINITY;
  #largest = 0;

  /** Adds one file. */
  add(bytes: Uint8Array): void {
    this.#count++;
    this.#total += bytes.length;
    this.#smallest = Math.min(this.#smallest, bytes.length);
    this.#largest = Math.max(this.#largest, bytes.length);
    count(this.#kinds, imageKind(bytes));
    count(this.#sizes, (claimedSize(bytes) ?? [0, 0]).join(" "));
  }

  /** The statistics; undefined if there were no files. */
  get statistics(): FileStatistics | undefined {
    if (this.#count === 0) return undefined;
    return {
      count: this.#count,
      bytes: { total: this.#total, smallest: this.#smallest, largest: this.#largest },
      kinds: descending(this.#kinds).map(([kind, n]) => ({ kind, count: n })),
      sizes: descending(this.#sizes).map(([size, n]) => {
        const [height, width] = size.split(" ").map(Number);
        return { height: height!, width: width!, count: n };
      }),
    };
  }
}

const count = (counts: Map<string, number>, key: string): void => void counts.set(key, (counts.get(key) ?? 0) + 1);

const descending = (counts: ReadonlyMap<string, number>): readonly (readonly [string, number])[] =>
  [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
