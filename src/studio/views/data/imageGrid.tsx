import { useEffect, useRef, useState } from "preact/hooks";
import { whole } from "../../../base/format.ts";
import type { ImageNote } from "../../browsing.ts";
import { state } from "../../state.ts";
import { texts } from "../../texts.ts";
import { describeNote, nameOfClass } from "./describeImage.ts";
import { type Tile, TileCache } from "./tileCache.ts";

/** The least height or width of a tile, and the space between two, in pixels of the page. */
const [TILE, GAP] = [60, 4];
/** Images that are further from a square are stretched to this share of their sides. */
const WIDEST = 2;
/** Lines that are drawn above and below those that are seen. */
const AROUND = 3;

/** A place among the images that are listed, and those between it and an anchor. */
export interface Selection {
  readonly active: number;
  readonly anchor: number;
}

interface ImageGridProps {
  readonly rows: Uint32Array;
  readonly selection: Selection;
  readonly onSelect: (selection: Selection) => void;
  readonly onOpen: () => void;
}

/** Images in lines, of which only those that are seen are read and drawn: one canvas for each line. */
export function ImageGrid({ rows, selection, onSelect, onOpen }: ImageGridProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [{ width, height }, setSize] = useState({ width: 0, height: 0 });
  const [top, setTop] = useState(0);
  const [, draw] = useState(0);
  const [cache] = useState(() => new TileCache(() => draw((count) => count + 1)));
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setSize(entry!.contentRect));
    observer.observe(scroller.current!);
    return () => observer.disconnect();
  }, []);

  const [imageHeight = 1, imageWidth = 1] = state.data.value?.imageShape ?? [];
  const share = Math.min(WIDEST, Math.max(1 / WIDEST, imageWidth / imageHeight));
  const across = Math.max(1, Math.floor((width + GAP) / (TILE * Math.max(1, share) + GAP)));
  const tileWidth = Math.max(1, (width - (across - 1) * GAP) / across);
  const tileHeight = Math.max(1, Math.round(tileWidth / share));
  const lines = Math.ceil(rows.length / across);
  const pitch = tileHeight + GAP;
  const first = Math.max(0, Math.min(Math.floor(top / pitch) - AROUND, lines - 1));
  const last = Math.min(lines, Math.ceil((top + height) / pitch) + AROUND);
  useEffect(
    () => cache.want(rows.subarray(first * across, last * across), state.dataVersion.value),
    [rows, first, last, across, state.dataVersion.value],
  );
  useEffect(() => {
    const { current } = scroller;
    if (!current) return;
    const at = Math.floor(selection.active / across) * pitch;
    if (at < current.scrollTop) current.scrollTop = at;
    else if (at + pitch + GAP > current.scrollTop + current.clientHeight)
      current.scrollTop = at + pitch + GAP - current.clientHeight;
  }, [selection.active, across, rows]);

  const move = (to: number, isRange: boolean) => {
    const active = Math.max(0, Math.min(rows.length - 1, to));
    onSelect({ active, anchor: isRange ? selection.anchor : active });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const page = Math.max(1, Math.floor(height / pitch) - 1) * across;
    const steps: Readonly<Record<string, number>> = {
      ...{ ArrowLeft: -1, ArrowRight: 1, ArrowUp: -across, ArrowDown: across },
      ...{ PageUp: -page, PageDown: page, Home: -rows.length, End: rows.length },
    };
    const step = steps[event.key];
    if (step !== undefined) move(selection.active + step, event.shiftKey);
    else if (event.key === "Enter" || event.key === " ") onOpen();
    else return;
    event.preventDefault();
  };
  const onClick = (event: MouseEvent) => {
    const place = (event.target as HTMLElement).closest<HTMLElement>("[data-place]")?.dataset["place"];
    if (place === undefined) return;
    move(Number(place), event.shiftKey);
    if (!event.shiftKey) onOpen();
  };

  const isSelected = (place: number) =>
    place >= Math.min(selection.active, selection.anchor) && place <= Math.max(selection.active, selection.anchor);
  const seen = Array.from({ length: Math.max(0, last - first) }, (_, i) => first + i);
  return (
    <div
      ref={scroller}
      class="image-grid"
      role="listbox"
      tabIndex={0}
      aria-label={texts.browse.list(whole(rows.length))}
      aria-multiselectable
      {...(rows.length > 0 && { "aria-activedescendant": `image-${selection.active}` })}
      onScroll={({ currentTarget }) => setTop(currentTarget.scrollTop)}
      onKeyDown={onKeyDown}
      onClick={onClick}
    >
      <div class="image-lines" style={{ height: `${Math.max(0, lines * pitch - GAP)}px` }}>
        {seen.map((line) => {
          const places = Array.from(
            { length: Math.min(across, rows.length - line * across) },
            (_, i) => line * across + i,
          );
          const tiles = places.map((place) => cache.get(rows[place]!));
          return (
            <div key={line} class="image-line" style={{ transform: `translateY(${line * pitch}px)` }}>
              <LineCanvas tiles={tiles} width={tileWidth} height={tileHeight} across={across} />
              {places.map((place, i) => (
                <Cell
                  key={place}
                  place={place}
                  of={rows.length}
                  note={tiles[i]?.note}
                  left={i * (tileWidth + GAP)}
                  width={tileWidth}
                  height={tileHeight}
                  isActive={place === selection.active}
                  isSelected={isSelected(place)}
                />
              ))}
            </div>
          );
        })}
      </div>
    </div>
  );
}

interface LineCanvasProps {
  readonly tiles: readonly (Tile | undefined)[];
  readonly width: number;
  readonly height: number;
  readonly across: number;
}

/** The images of a line, on one canvas. */
function LineCanvas({ tiles, width, height, across }: LineCanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const drawn = useRef<readonly (Tile | undefined)[]>([]);
  const ratio = Math.min(2, globalThis.devicePixelRatio || 1);
  const all = across * (width + GAP) - GAP;
  const [pixelsAcross, pixelsDown] = [Math.round(all * ratio), Math.round(height * ratio)];
  useEffect(() => {
    drawn.current = []; // a canvas of another size is empty
  }, [pixelsAcross, pixelsDown, across]);
  useEffect(() => {
    const context = canvas.current!.getContext("2d")!;
    for (const [i, tile] of tiles.entries()) {
      const before = drawn.current[i];
      if (tile?.atlas === before?.atlas && tile?.top === before?.top) continue;
      const left = Math.round(i * (width + GAP) * ratio);
      const wide = Math.round((i * (width + GAP) + width) * ratio) - left;
      context.clearRect(left, 0, wide, pixelsDown);
      if (!tile) continue;
      context.imageSmoothingEnabled = tile.width > wide;
      context.drawImage(tile.atlas, 0, tile.top, tile.width, tile.height, left, 0, wide, pixelsDown);
    }
    drawn.current = tiles;
  });
  return (
    <canvas
      ref={canvas}
      width={pixelsAcross}
      height={pixelsDown}
      style={{ width: `${all}px`, height: `${height}px` }}
    />
  );
}

interface CellProps {
  readonly place: number;
  readonly of: number;
  readonly note: ImageNote | undefined;
  readonly left: number;
  readonly width: number;
  readonly height: number;
  readonly isActive: boolean;
  readonly isSelected: boolean;
}

/** What stands over an image: its outline where it is selected, and what is decided about it. */
function Cell({ place, of, note, left, width, height, isActive, isSelected }: CellProps) {
  const isKept = note?.decision?.action === "keep";
  return (
    <div
      id={`image-${place}`}
      class={`image-cell ${note && note.label < 0 ? "out" : ""} ${isKept ? "kept" : ""} ${isActive ? "active" : ""}`}
      role="option"
      tabIndex={-1}
      aria-selected={isSelected}
      aria-setsize={of}
      aria-posinset={place + 1}
      aria-label={note ? describeNote(note) : texts.loading}
      data-place={place}
      style={{ left: `${left}px`, width: `${width}px`, height: `${height}px` }}
    >
      {note?.decision?.action === "relabel" && <span>{nameOfClass(note.label)}</span>}
    </div>
  );
}
