import { viewOf } from "../base/bytes.ts";
import { damagedPicture } from "./decoder.ts";

/** The first directory of a TIFF file. */
export interface TiffDirectory {
  /** The numbers of each tag. */
  readonly tags: ReadonlyMap<number, readonly number[]>;
  readonly littleEndian: boolean;
}

/** Bytes of a number by its type: BYTE, SHORT, LONG, UNDEFINED, LONG8. */
const sizes: Readonly<Record<number, number>> = { 1: 1, 3: 2, 4: 4, 7: 1, 16: 8 };

/** The most numbers of a tag: as many strips or tiles are far more than an image of 64 Mi pixels needs. */
const MAX_COUNT = 2 ** 20;

/**
 * Reads the given tags of the first directory of a TIFF or BigTIFF file that are unsigned integers. Throws
 * `INVALID_DATA` if the directory, or what it points to, is outside the file.
 */
export function tiffDirectory(file: Uint8Array, wanted: readonly number[]): TiffDirectory {
  const view = viewOf(file);
  const tags = new Map<number, readonly number[]>();
  try {
    const littleEndian = view.getUint8(0) === 0x49;
    const isBig = view.getUint16(2, littleEndian) === 43;
    const long = (at: number) =>
      isBig ? Number(view.getBigUint64(at, littleEndian)) : view.getUint32(at, littleEndian);
    const start = long(isBig ? 8 : 4);
    const entries = isBig ? long(start) : view.getUint16(start, littleEndian);
    const [first, entryBytes, inPlace] = isBig ? [start + 8, 20, 8] : [start + 2, 12, 4];
    for (let i = 0, at = first; i < entries; i++, at += entryBytes) {
      const tag = view.getUint16(at, littleEndian);
      const size = sizes[view.getUint16(at + 2, littleEndian)];
      const count = long(at + 4);
      if (size === undefined || !wanted.includes(tag) || tags.has(tag)) continue;
      const value = at + 4 + inPlace;
      const from = size * count <= inPlace ? value : long(value);
      if (count > MAX_COUNT || from + size * count > file.length) throw new RangeError();
      tags.set(
        tag,
        Array.from({ length: count }, (_, k) => {
          const place = from + k * size;
          if (size === 1) return view.getUint8(place);
          if (size === 2) return view.getUint16(place, littleEndian);
          return size === 4 ? view.getUint32(place, littleEndian) : Number(view.getBigUint64(place, littleEndian));
        }),
      );
    }
    return { tags, littleEndian };
  } catch (cause) {
    if (cause instanceof RangeError) throw damagedPicture("its directory is outside the file", undefined, cause);
    throw cause;
  }
}
