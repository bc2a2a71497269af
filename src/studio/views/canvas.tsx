import { useEffect, useRef } from "preact/hooks";
import type { Image } from "../../image/image.ts";
import type { Stage } from "../workbench.ts";

interface PixelsProps {
  readonly height: number;
  readonly width: number;
  /** The color of each pixel. */
  readonly at: (place: number) => readonly [red: number, green: number, blue: number];
  /** What changes when the pixels do. */
  readonly of: unknown;
  readonly label?: string;
  readonly class?: string;
}

/** Pixels, drawn again whenever they change. */
function Pixels({ height, width, at, of, label, class: kind }: PixelsProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current!.getContext("2d")!;
    const drawn = context.createImageData(width, height);
    for (let p = 0; p < width * height; p++) {
      const color = at(p);
      for (let c = 0; c < 3; c++) drawn.data[4 * p + c] = color[c]!;
      drawn.data[4 * p + 3] = 255;
    }
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
export const ImagePixels = ({ image, label }: { readonly image: Image; readonly label?: string }) => {
  const { pixels, channels, height, width } = image;
  const at = (p: number) =>
    channels === 1
      ? ([pixels[p]!, pixels[p]!, pixels[p]!] as const)
      : ([pixels[3 * p]!, pixels[3 * p + 1]!, pixels[3 * p + 2]!] as const);
  return <Pixels height={height} width={width} at={at} of={image} {...(label !== undefined && { label })} />;
};

/** Tiles side by side, dark where a value is small. */
export function TilePixels({ tiles }: { readonly tiles: Stage["tiles"] }) {
  const { height, width, count, values } = tiles;
  const across = Math.ceil(Math.sqrt(count));
  const down = Math.ceil(count / across);
  const at = (p: number) => {
    const [y, x] = [Math.floor(p / (across * width)), p % (across * width)];
    const tile = Math.floor(y / height) * across + Math.floor(x / width);
    const value = tile < count ? values[tile * height * width + (y % height) * width + (x % width)]! / 255 : 0;
    return [18 + 80 * value ** 2, 20 + 140 * value, 34 + 221 * Math.sqrt(value)] as const;
  };
  // A row of many numbers is folded into a block.
  if (height === 1 && count === 1 && width > 12) {
    const side = Math.ceil(Math.sqrt(width));
    const folded = new Uint8Array(side * Math.ceil(width / side));
    folded.set(values);
    return <TilePixels tiles={{ height: folded.length / side, width: side, count: 1, values: folded }} />;
  }
  return <Pixels height={down * height} width={across * width} at={at} of={values} />;
}
