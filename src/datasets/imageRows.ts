import { allocate, allocateUnclaimed, claimMemory } from "../base/memory.ts";

/** The size of the data set is estimated once this share of the source has been read. */
const TELLING_SHARE = 0.02;
const MAX_RESERVED = 2 ** 31;

/** Bytes of images between two looks at the memory in use. */
const CHECK_EVERY = 2 ** 26;

const IMAGES = ["the images", "make them smaller with resize (--resize), or take fewer"] as const;

/** Allocates `length` bytes for the images of a data set. Throws `UNSUPPORTED` if there is not enough memory. */
export const allocateImages = (length: number): Uint8Array<ArrayBuffer> => allocate(length, ...IMAGES);

/**
 * Images of one shape in a buffer that grows, so that reading a large data set takes little more memory than the data set
 * itself.
 */
export class ImageRows {
  readonly shape: readonly [height: number, width: number, channels: number];
  /** Bytes per image. */
  readonly size: number;
  #bytes: Uint8Array<ArrayBuffer>;
  #count = 0;
  /** The number of bytes that the budget has been asked for. */
  #claimed = 0;

  constructor(shape: readonly [height: number, width: number, channels: number]) {
    this.shape = shape;
    this.size = shape[0] * shape[1] * shape[2];
    this.#bytes = allocateUnclaimed(Math.max(this.size, 2 ** 16), ...IMAGES);
  }

  get count(): number {
    return this.#count;
  }

  /**
   * Appends an image and returns its index. `share` is the share of the source that has been read, 0 … 1, if known: memory
   * for the rest is then reserved at once, which takes only address space and avoids copies later. Throws `UNSUPPORTED` if
   * there is not enough memory.
   */
  push(pixels: Uint8Array, share = 0): number {
    const end = (this.#count + 1) * this.size;
    for (; end > this.#claimed; this.#claimed += Math.max(this.size, CHECK_EVERY))
      claimMemory(Math.max(this.size, CHECK_EVERY), ...IMAGES);
    if (end > this.#bytes.length) {
      const expected = share >= TELLING_SHARE ? Math.min(MAX_RESERVED, Math.ceil((end / share) * 1.2)) : 0;
      const grown = allocateUnclaimed(Math.max(end, expected, Math.ceil(this.#bytes.length * 1.5)), ...IMAGES);
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#bytes.set(pixels, end - this.size);
    return this.#count++;
  }

  /** A view of an image, valid until the next `push`. */
  row(number: number): Uint8Array {
    return this.#bytes.subarray(number * this.size, (number + 1) * this.size);
  }

  /**
   * The images with these indices, each at most once, in this order. They are permuted in place, one cycle at a time, so
   * that no second copy is needed; the store is empty afterward.
   */
  take(order: Uint32Array): Uint8Array<ArrayBuffer> {
    const from = completed(order, this.#count);
    const held = new Uint8Array(this.size);
    for (let start = 0; start < from.length; start++) {
      if (from[start] === start) continue;
      held.set(this.row(start));
      let to = start;
      for (let next = from[to]!; next !== start; to = next, next = from[to]!) {
        this.row(to).set(this.row(next));
        from[to] = to;
      }
      this.row(to).set(held);
      from[to] = to;
    }
    const taken = this.#bytes.subarray(0, order.length * this.size);
    this.#bytes = new Uint8Array();
    this.#count = 0;
    // A small buffer is trimmed; a large one keeps its unused end, which takes address space but no memory.
    return taken.length < 2 ** 24 ? taken.slice() : taken;
  }
}

/** The order, followed by the indices that it omits: a permutation. */
function completed(order: Uint32Array, count: number): Uint32Array {
  const all = new Uint32Array(count);
  all.set(order);
  const used = new Uint8Array(count);
  for (const number of order) used[number] = 1;
  let at = order.length;
  for (let number = 0; number < count; number++) if (!used[number]) all[at++] = number;
  return all;
}
