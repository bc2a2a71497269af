/** What is used of opentype.js, which ships no types. It is declared here so that types check where it is not installed. */
declare module "opentype.js/dist/opentype.mjs" {
  /** A step of an outline, y downwards. */
  export type Command =
    | { type: "M"; x: number; y: number }
    | { type: "L"; x: number; y: number }
    | { type: "Q"; x1: number; y1: number; x: number; y: number }
    | { type: "C"; x1: number; y1: number; x2: number; y2: number; x: number; y: number }
    | { type: "Z" };
  export interface Glyph {
    /** 0 is the glyph of a missing character. */
    readonly index: number;
    getPath(x: number, y: number, pixelsPerEm: number): { readonly commands: readonly Command[] };
  }
  export interface Font {
    charToGlyph(character: string): Glyph;
  }
  export function parse(sfnt: ArrayBuffer): Font;
}

/** zlib in JavaScript: unlike Node's own it gives the same bytes in every version and on every processor. */
declare module "pako" {
  const pako: { deflate(raw: Uint8Array, options: { level: number; memLevel: number }): Uint8Array };
  export default pako;
}
