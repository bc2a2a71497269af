import { createContext } from "preact";
import { useContext, useState } from "preact/hooks";
import { percent, whole } from "../../base/format.ts";

/**
 * The images that a page can show, as strips: PNG files of `perStrip` square tiles below one another. Image i is tile
 * i % perStrip of strip ⌊i / perStrip⌋; what is known of it is at place i of the other lists.
 */
export interface Pictures {
  /** Height and width of a tile, in pixels. */
  readonly side: number;
  readonly perStrip: number;
  /** Addresses of the strips, such as data URLs. Empty where they are in the page already. */
  readonly strips: readonly string[];
  readonly classes: readonly string[];
  /** The row of each image in its data set. */
  readonly rows: readonly number[];
  /** Its label and the answer of the model, as places among the classes. */
  readonly labels: readonly number[];
  readonly answers: readonly number[];
  /** The probability of the answer. */
  readonly confidences: readonly number[];
  /** Names of files, where they are worth their space. */
  readonly names: readonly (string | undefined)[];
}

/** The images of a page that shows none. */
export const noPictures: Pictures = {
  side: 1,
  perStrip: 1,
  strips: [],
  classes: [],
  rows: [],
  labels: [],
  answers: [],
  confidences: [],
  names: [],
};

/** The images of the page, for all components that show some of them. */
export const PicturesContext = createContext(noPictures);

/** The strips, once for the whole page: every {@link Tile} refers to them. */
export const Strips = ({ side, perStrip, strips }: Pictures) => (
  <svg class="strips" aria-hidden="true">
    <defs>
      {strips.map((href, k) => (
        <image id={`strip-${k}`} href={href} width={side} height={side * perStrip} preserveAspectRatio="xMinYMin" />
      ))}
    </defs>
  </svg>
);

/** One image; the text next to it says what it is. */
function Tile({ index }: { readonly index: number }) {
  const { side, perStrip } = useContext(PicturesContext);
  return (
    <svg class="tile" viewBox={`0 0 ${side} ${side}`} aria-hidden="true">
      <use href={`#strip-${Math.floor(index / perStrip)}`} y={-(index % perStrip) * side} />
    </svg>
  );
}

/** An image's file, or its row in a data set without file names. */
const nameOf = ({ names, rows }: Pictures, index: number): string => names[index] ?? `row ${rows[index]}`;

/** What is known of an image, in full where its caption is cut off. */
function titleOf(pictures: Pictures, index: number): string {
  const { classes, labels, answers } = pictures;
  const [label, answer] = [classes[labels[index]!], classes[answers[index]!]];
  return `${nameOf(pictures, index)}: ${label}${label === answer ? "" : ` taken for ${answer}`}`;
}

/** An image with its label, the answer, and how certain that was. */
export function Answered({ index }: { readonly index: number }) {
  const pictures = useContext(PicturesContext);
  const { classes, labels, answers, confidences } = pictures;
  const [label, answer] = [labels[index]!, answers[index]!];
  return (
    <figure class="answered" title={titleOf(pictures, index)}>
      <Tile index={index} />
      <figcaption>
        <span class="pair">
          <span class="name">{classes[label]}</span>
          {label !== answer && (
            <>
              {" "}
              <span class="taken">
                <span class="arrow" role="img" aria-label="taken for">
                  →
                </span>{" "}
                <b class="name warn">{classes[answer]}</b>
              </span>
            </>
          )}
        </span>{" "}
        <span class="share">{percent(confidences[index]!)} %</span>
      </figcaption>
    </figure>
  );
}

interface GalleryProps {
  readonly images: readonly number[];
  /** The number of images shown at first, and added by the button. Default: 60. */
  readonly atOnce?: number;
  /** Images that belong to these, but are not on the page. Default: 0. */
  readonly missing?: number;
}

/** Images with labels and answers, in pieces. */
export function Gallery({ images, atOnce = 60, missing = 0 }: GalleryProps) {
  const [shown, setShown] = useState(atOnce);
  return (
    <>
      <div class="gallery">
        {images.slice(0, shown).map((index) => (
          <Answered key={index} index={index} />
        ))}
      </div>
      {images.length > shown && (
        <button type="button" class="more" onClick={() => setShown(shown + atOnce)}>
          Show {whole(Math.min(atOnce, images.length - shown))} more of {whole(images.length)}
        </button>
      )}
      {missing > 0 && <p class="soft small">{whole(missing)} more are left out of this page, to keep it small.</p>}
    </>
  );
}
