import { blurred, brightnessOf, type Corruption } from "./canvas.ts";

/** Gradients above the first are edges if they are connected to one above the second. */
const [LOW, HIGH] = [0.1, 0.2];

/**
 * Only the edges, in ink. Source: Canny, "A computational approach to edge detection", IEEE PAMI 8, 1986; parameters as in
 * scikit-image's `canny`: a Gaussian of 1 pixel of 28, Sobel's gradients, thresholds 0.1 and 0.2.
 */
export const cannyEdges: Corruption = {
  name: "canny_edges",
  description: "only its edges",
  apply(canvas) {
    const { height, width, channels, scale, ink } = canvas;
    const smooth = blurred({ height, width, channels: 1 }, brightnessOf(canvas), scale);
    const strengths = thinned(smooth, height, width, scale);
    const isEdge = connected(strengths, width);
    return canvas.values.map((_, i) => (isEdge[Math.floor(i / channels)] === 1 ? ink : 1 - ink));
  },
};

/** The strength of the gradient [H,W] where it is the largest along its direction; otherwise 0. */
function thinned(smooth: Float64Array, height: number, width: number, scale: number): Float64Array {
  const at = (y: number, x: number): number =>
    smooth[Math.min(height - 1, Math.max(0, y)) * width + Math.min(width - 1, Math.max(0, x))]!;
  const [gx, gy] = [new Float64Array(smooth.length), new Float64Array(smooth.length)];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const across = (dy: number) => at(y + dy, x + 1) - at(y + dy, x - 1);
      const down = (dx: number) => at(y + 1, x + dx) - at(y - 1, x + dx);
      // Per pixel of 28, so that thresholds mean the same for pictures of any size.
      gx[y * width + x] = (scale * (across(-1) + 2 * across(0) + across(1))) / 4;
      gy[y * width + x] = (scale * (down(-1) + 2 * down(0) + down(1))) / 4;
    }
  const strength = gx.map((value, p) => Math.sqrt(value ** 2 + gy[p]! ** 2));
  const inside = (y: number, x: number): number =>
    y < 0 || x < 0 || y >= height || x >= width ? 0 : strength[y * width + x]!;
  return strength.map((own, p) => {
    if (own < LOW) return 0;
    const [y, x] = [Math.floor(p / width), p % width];
    const [vx, vy] = [gx[p]! / own, gy[p]! / own];
    // The strengths one pixel before and after it along the gradient, interpolated between the two nearest.
    const beside = (sign: number): number => {
      const [sx, sy] = [sign * Math.sign(vx), sign * Math.sign(vy)];
      const [ax, ay] = [Math.abs(vx), Math.abs(vy)];
      const diagonal = inside(y + sy, x + sx);
      if (ax >= ay) return (1 - ay / ax) * inside(y, x + sx) + (ay / ax) * diagonal;
      return (1 - ax / ay) * inside(y + sy, x) + (ax / ay) * diagonal;
    };
    // Of two neighbors that are equal, the first.
    return own > beside(-1) && own >= beside(1) ? own : 0;
  });
}

/** 1 for each pixel [H,W] that is above the lower threshold and connected to one above the higher. */
function connected(strengths: Float64Array, width: number): Uint8Array {
  const isEdge = new Uint8Array(strengths.length);
  const open = [...strengths.keys()].filter((p) => strengths[p]! >= HIGH);
  for (const p of open) isEdge[p] = 1;
  for (let p = open.pop(); p !== undefined; p = open.pop()) {
    const x = p % width;
    for (let dy = -1; dy <= 1; dy++)
      for (let dx = -1; dx <= 1; dx++) {
        const other = p + dy * width + dx;
        if (x + dx < 0 || x + dx >= width || !(strengths[other]! >= LOW) || isEdge[other] === 1) continue;
        isEdge[other] = 1;
        open.push(other);
      }
  }
  return isEdge;
}
