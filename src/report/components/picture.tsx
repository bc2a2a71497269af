import { toBase64 } from "../../base/bytes.ts";
import { encodePng } from "../../image/encodePng.ts";
import type { Image } from "../../image/image.ts";
import { resize } from "../../image/resize.ts";

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
