import { workbench } from "../../ask.ts";
import type { ImageNote, Tiles } from "../../browsing.ts";

/** An image that can be drawn: a part of an atlas, in which images are below one another. */
export interface Tile {
  readonly atlas: OffscreenCanvas;
  readonly top: number;
  readonly height: number;
  readonly width: number;
  readonly note: ImageNote;
}

/** Tiles that are kept, seen or not. */
const MOST = 3000;
/** The largest height and width of a tile, in its own pixels. */
const SIDE = 96;
/** Tiles of an atlas: browsers draw canvases of more than some ten thousand pixels slowly, or not at all. */
const IN_ATLAS = 64;

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
        this.#take(await workbench.tiles(missing, SIDE), version);
        this.#forget();
        this.#onChange();
      }
    } catch {
      // The data were closed meanwhile, or cannot be shown, which the page says elsewhere.
    } finally {
      this.#isAsking = false;
    }
  }

  #take({ height, width, pixels, notes }: Tiles, version: number): void {
    const size = height * width * 4;
    for (let first = 0; first < notes.length; first += IN_ATLAS) {
      const some = notes.slice(first, first + IN_ATLAS);
      const atlas = new OffscreenCanvas(width, some.length * height);
      const own = pixels.subarray(first * size, (first + some.length) * size);
      atlas.getContext("2d")!.putImageData(new ImageData(own, width, some.length * height), 0, 0);
      for (const [i, note] of some.entries())
        this.#tiles.set(note.row, { atlas, top: i * height, height, width, note, version });
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
