import type { ComponentChildren } from "preact";
import { encodePng } from "../../image/encodePng.ts";
import type { Image } from "../../image/image.ts";
import { resize } from "../../image/resize.ts";

/** Bytes in base64, for data URLs and integrity hashes. */
export const toBase64 = (bytes: Uint8Array): string =>
  btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));

interface PictureProps {
  readonly image: Image;
  /** Alternative text; empty if the text around the picture describes it. */
  readonly alt: string;
  /** Maximum height and width in pixels; larger pictures are shrunk, since a page may have thousands. Default: 128. */
  readonly side?: number;
}

/** A picture embedded in the page. */
export function Picture({ image, alt, side = 128 }: PictureProps) {
  const scale = Math.min(1, side / Math.max(image.height, image.width));
  const reduced = (extent: number) => Math.max(1, Math.round(scale * extent));
  const { pixels, height, width, channels } = resize(image, [reduced(image.height), reduced(image.width)]);
  const source = `data:image/png;base64,${toBase64(encodePng(pixels, [height, width, channels]))}`;
  return <img width={width} height={height} src={source} alt={alt} />;
}

/** A row of small pictures with a common description. */
export const Thumbnails = ({ images, label }: { readonly images: readonly Image[]; readonly label: string }) => (
  <div class="thumbs" role="img" aria-label={label}>
    {images.map((image) => (
      <Picture image={image} alt="" side={56} />
    ))}
  </div>
);

/** Key figures in large type, each with a name and an explanation. */
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

/** A list of names with descriptions. */
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

/** A segment of a bar: its fraction, 0 to 1, and the CSS class of its color. */
export interface Piece {
  readonly share: number;
  readonly class?: string;
}

/** A bar of one or more segments. Text next to it must state everything that it shows. */
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

/** The note below a truncated list. */
export const More = ({ count, children }: { readonly count: number; readonly children: ComponentChildren }) =>
  count > 0 ? <p class="soft">{children}</p> : null;
