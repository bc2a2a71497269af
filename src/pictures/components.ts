import type { Box } from "../image/image.ts";

/** A connected component: its bounding box and its area in pixels. */
interface Component extends Box {
  readonly area: number;
}

/** The connected components (8-connectivity) of a mask [H, W], in the order of their first pixels. */
function components(mask: Uint8Array, width: number): Component[] {
  const height = mask.length / width;
  const open = mask.slice();
  const found: Component[] = [];
  const stack: number[] = [];
  for (let start = 0; start < open.length; start++) {
    if (!open[start]) continue;
    let [area, left, top, right, bottom] = [0, width, height, 0, 0];
    open[start] = 0;
    stack.push(start);
    for (let pixel = stack.pop(); pixel !== undefined; pixel = stack.pop()) {
      const y = Math.floor(pixel / width);
      const x = pixel - y * width;
      area++;
      left = Math.min(left, x);
      top = Math.min(top, y);
      right = Math.max(right, x + 1);
      bottom = Math.max(bottom, y + 1);
      for (let v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++)
        for (let u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++) {
          const next = v * width + u;
          if (!open[next]) continue;
          open[next] = 0;
          stack.push(next);
        }
    }
    found.push({ left, top, right, bottom, area });
  }
  return found;
}

/** The bounding box of both. */
const join = (a: Box, b: Box): Box => ({
  left: Math.min(a.left, b.left),
  top: Math.min(a.top, b.top),
  right: Math.max(a.right, b.right),
  bottom: Math.max(a.bottom, b.bottom),
});

/** Components with less than this share of the largest one's area are specks. */
const SPECK = 0.03;
/** Components at the picture's edge are ignored if another one has at least this share of the largest one's area. */
const FREE = 0.1;
/** Parts of one letter are at most this share of the largest part's longer side away from it. */
const NEAR = 0.5;

/**
 * The bounding box of what was drawn, without specks, distant components, and components at the edge such as the dark
 * rim of a scan. Undefined if the mask is empty.
 */
export function drawnBox(mask: Uint8Array, width: number): Box | undefined {
  const height = mask.length / width;
  const all = components(mask, width);
  const atEdge = (c: Component) => c.left === 0 || c.top === 0 || c.right === width || c.bottom === height;
  const free = all.filter((c) => !atEdge(c));
  const candidates = areaOf(largest(free)) >= FREE * areaOf(largest(all)) ? free : all;
  const main = largest(candidates);
  if (!main) return undefined;
  const reach = NEAR * Math.max(main.right - main.left, main.bottom - main.top);
  return candidates.filter((c) => c.area >= SPECK * main.area && gap(c, main) <= reach).reduce<Box>(join, main);
}

const areaOf = (component: Component | undefined): number => component?.area ?? 0;

const largest = (all: readonly Component[]): Component | undefined =>
  all.reduce<Component | undefined>((most, c) => (c.area > areaOf(most) ? c : most), undefined);

const gap = (a: Box, b: Box): number =>
  Math.max(0, a.left - b.right, b.left - a.right, a.top - b.bottom, b.top - a.bottom);
