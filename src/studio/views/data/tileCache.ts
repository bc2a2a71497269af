import type { ImageNote } from "../../browsing.ts";
import { workbench } from "../../store.ts";

/** An image that can be drawn. */
export interface Tile {
  readonly image: OffscreenCanvas;
  readonly note: ImageNote;
}

/** Tiles that are kept, seen or not. */
const MOST = 3000;
/** The largest height and width of a tile, in its own pixels. */
const SIDE = 96;

/** The images that are seen, and some that were. They are asked for in one call at a time: those that are seen by then. */
export class TileCache {
  readonly #onChange: () => void;
  readonly #tiles = new Map<number, Tile & { readonly version: number }>();
  #wanted: Uint32Array = new Uint32Array();
  #version = 0;
  #isAsking = false;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  get(row: number): Tile | undefined {
    return this.#tiles.get(row);
  }

  /** Says which images are seen, and which version of the data. */
  want(rows: Uint32Array, version: number): void {
    this.#wanted = rows;
    this.#version = version;
    void this.#ask();
  }

  async #ask(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    try {
      for (let missing = this.#missing(); missing.length > 0; missing = this.#missing()) {
        const version = this.#version;
        const { height, width, pixels, notes } = await workbench.tiles(missing, SIDE);
        const size = height * width * 4;
        for (const [i, note] of notes.entries()) {
          const image = new OffscreenCanvas(width, height);
          const own = new ImageData(pixels.subarray(i * size, (i + 1) * size), width, height);
          image.getContext("2d")!.putImageData(own, 0, 0);
          this.#tiles.set(missing[i]!, { image, note, version });
        }
        this.#forget();
        this.#onChange();
      }
    } catch {
      // The data were closed meanwhile, or cannot be shown, which the page says elsewhere.
    } finally {
      this.#isAsking = false;
    }
  }

  #missing(): Uint32Array {
    return this.#wanted.filter((row) => this.#tiles.get(row)?.version !== this.#version);
  }

  /** Forgets those that were seen longest ago. */
  #forget(): void {
    const wanted = new Set(this.#wanted);
    for (const row of this.#tiles.keys()) {
      if (this.#tiles.size <= MOST) return;
      if (!wanted.has(row)) this.#tiles.delete(row);
    }
  }
}
