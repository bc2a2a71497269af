import { useLayoutEffect, useRef } from "preact/hooks";
import type { Image } from "../../image/image.ts";
import type { Stage } from "../inside.ts";

interface PixelsProps {
  readonly height: number;
  readonly width: number;
  /** Fills in the color of each pixel, row by row, as {@link rgb} has it. */
  readonly paint: (colors: Uint32Array) => void;
  /** What changes when the pixels do. */
  readonly of: unknown;
  readonly label?: string;
  readonly class?: string;
}

/** An opaque color as the four bytes of a pixel, of processors whose lowest byte is first, as all that run browsers are. */
const rgb = (red: number, green: number, blue: number): number =>
  ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;

/** Pixels, drawn again whenever they change. */
function Pixels({ height, width, paint, of, label, class: kind }: PixelsProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    const context = canvas.current!.getContext("2d")!;
    const drawn = context.createImageData(width, height);
    paint(new Uint32Array(drawn.data.buffer));
    context.putImageData(drawn, 0, 0);
  }, [of, width, height]);
  return (
    <canvas
      ref={canvas}
      width={width}
      height={height}
      class={kind}
      {...(label === undefined ? { "aria-hidden": true } : { role: "img", "aria-label": label })}
    />
  );
}

/** An image; the text next to it says what it is, unless `label` does. */
export function ImagePixels({ image, label }: { readonly image: Image; readonly label?: string }) {
  const { pixels, channels, height, width } = image;
  const paint = (colors: Uint32Array) => {
    for (let p = 0, c = 0; p < colors.length; p++, c += channels)
      colors[p] =
        channels === 1 ? rgb(pixels[c]!, pixels[c]!, pixels[c]!) : rgb(pixels[c]!, pixels[c + 1]!, pixels[c + 2]!);
  };
  return <Pixels height={height} width={width} paint={paint} of={image} {...(label !== undefined && { label })} />;
}

/** The colors of values from 0 to 255, from dark to light blue. */
const shades = Uint32Array.from({ length: 256 }, (_, k) => {
  const value = k / 255;
  return rgb(18 + 80 * value ** 2, 20 + 140 * value, 34 + 221 * Math.sqrt(value));
});

/** Images of the same size side by side, on one canvas; the text next to them says what they are. */
export function ImageStrip({ images }: { readonly images: readonly Image[] }) {
  const [first] = images;
  if (!first) return null;
  const { height, width, channels } = first;
  const gap = Math.ceil(width / 9);
  const pitch = width + gap;
  const paint = (colors: Uint32Array) => {
    for (const [k, { pixels }] of images.entries())
      for (let p = 0; p < height * width; p++) {
        const [y, x, c] = [Math.floor(p / width), p % width, p * channels];
        const [green, blue] = channels === 1 ? [c, c] : [c + 1, c + 2];
        colors[(y * images.length + k) * pitch + x] = rgb(pixels[c]!, pixels[green]!, pixels[blue]!);
      }
  };
  return <Pixels height={height} width={images.length * pitch} paint={paint} of={images} />;
}

/** Tiles side by side, dark where a value is small. */
export function TilePixels({ tiles }: { readonly tiles: Stage["tiles"] }) {
  const { height, width, count, values } = tiles;
  // A row of many numbers is folded into a block.
  if (height === 1 && count === 1 && width > 12) {
    const side = Math.ceil(Math.sqrt(width));
    const folded = new Uint8Array(side * Math.ceil(width / side));
    folded.set(values);
    return <TilePixels tiles={{ height: folded.length / side, width: side, count: 1, values: folded }} />;
  }
  const across = Math.ceil(Math.sqrt(count));
  const down = Math.ceil(count / across);
  const paint = (colors: Uint32Array) => {
    colors.fill(shades[0]!);
    for (let tile = 0, from = 0; tile < count; tile++) {
      const corner = Math.floor(tile / across) * height * across * width + (tile % across) * width;
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) colors[corner + y * across * width + x] = shades[values[from++]!]!;
    }
  };
  return <Pixels height={down * height} width={across * width} paint={paint} of={values} />;
}
