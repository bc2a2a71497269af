import type { ComponentChildren } from "preact";
import { encodePng } from "../../image/encodePng.ts";
import type { Image } from "../../image/image.ts";
import { resize } from "../../image/resize.ts";

/** Bytes in base64, as data URLs and integrity hashes have them. */
export const toBase64 = (bytes: Uint8Array): string =>
  btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));

interface PictureProps {
  readonly image: Image;
  /** Empty for a picture that is described by what is around it. */
  readonly alt: string;
  /** Pixels that it is high and wide at most: it is made smaller, since a page may have thousands. Default: 128. */
  readonly side?: number;
}

/** A picture within the page. */
export function Picture({ image, alt, side = 128 }: PictureProps) {
  const scale = Math.min(1, side / Math.max(image.height, image.width));
  const reduced = (extent: number) => Math.max(1, Math.round(scale * extent));
  const { pixels, height, width, channels } = resize(image, [reduced(image.height), reduced(image.width)]);
  const source = `data:image/png;base64,${toBase64(encodePng(pixels, [height, width, channels]))}`;
  return <img width={width} height={height} src={source} alt={alt} />;
}

/** Small pictures in a row, described together. */
export const Thumbnails = ({ images, label }: { readonly images: readonly Image[]; readonly label: string }) => (
  <div class="thumbs" role="img" aria-label={label}>
    {images.map((image) => (
      <Picture image={image} alt="" side={56} />
    ))}
  </div>
);

/** Important numbers, large, each with a name and a note that explains it. */
export const Figures = ({
  items,
}: {
  readonly items: readonly { readonly name: string; readonly value: string; readonly note?: string }[];
}) => (
  <dl class="figures">
    {items.map(({ name, value, note }) => (
      <div>
        <dt>{name}</dt>
        <dd class="value">{value}</dd>
        {note && <dd class="note">{note}</dd>}
      </div>
    ))}
  </dl>
);

/** Names and what there is to say about each. */
export const Facts = ({ items }: { readonly items: readonly (readonly [string, ComponentChildren])[] }) => (
  <dl class="facts">
    {items.map(([name, content]) => (
      <>
        <dt>{name}</dt>
        <dd>{content}</dd>
      </>
    ))}
  </dl>
);

/** A piece of a bar: its share from 0 to 1, and the class of its color in the stylesheet. */
export interface Piece {
  readonly share: number;
  readonly class?: string;
}

/** A bar of one or more pieces. Everything that it shows has to be said beside it. */
export function Bar({ pieces, class: kind = "" }: { readonly pieces: readonly Piece[]; readonly class?: string }) {
  const starts = pieces.map((_, i) => pieces.slice(0, i).reduce((sum, { share }) => sum + share, 0));
  return (
    <svg class={`bar ${kind}`} aria-hidden="true">
      {pieces.map((piece, i) => (
        <rect class={piece.class} x={percentage(starts[i]!)} width={percentage(piece.share)} height="100%" />
      ))}
    </svg>
  );
}

const percentage = (share: number): string => `${(100 * share).toFixed(2)}%`;

/** What stands below a list that is cut off. */
export const More = ({ count, children }: { readonly count: number; readonly children: ComponentChildren }) =>
  count > 0 ? <p class="soft">{children}</p> : null;
