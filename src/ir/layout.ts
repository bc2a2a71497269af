import type { ElementType } from "./types.ts";

/** Bytes of an element in memory. */
export const bytesOf: Readonly<Record<ElementType, number>> = { f32: 4, u32: 4, u8: 1 };

/** Where each buffer starts in the one memory of a program, in bytes; one in the arenas, in the first of them. */
export interface Layout {
  readonly bytes: number;
  readonly offsets: ReadonlyMap<string, number>;
}
