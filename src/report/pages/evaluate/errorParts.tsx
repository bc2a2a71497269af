import { quantity, whole } from "../../../base/format.ts";
import type { EmbeddingMap } from "../../../evaluation/index.ts";
import { Live } from "../../components/live.tsx";
import type { Part } from "../page.tsx";
import type { AnsweredRows } from "./answeredRows.ts";
import { mapPoints } from "./mapPoints.ts";
import type { ShownPictures } from "./shownPictures.ts";

/** Mistakes that fit beside a confusion matrix, and uncertain answers, that are shown before a click. */
const [MISTAKES, UNCERTAIN] = [21, 32];
/** With more classes than these, the confusion matrix needs the whole width. */
export const MATRIX_OF_HALF = 16;

/** Which classes are taken for which. */
export const confusionPart = (classes: readonly string[], confusion: readonly (readonly number[])[]): Part => ({
  id: "confusion",
  title: "Confusion",
  half: classes.length <= MATRIX_OF_HALF,
  content: <Live of="ConfusionMatrix" props={{ classes, confusion }} />,
});

/** The mistakes of which the model is most certain. */
export function mistakesPart({ placeOf, mistakes }: ShownPictures, count: number, half: boolean): Part {
  const shown = mistakes.flatMap((i) => placeOf.get(i) ?? []);
  return {
    id: "mistakes",
    title: "Most certain mistakes",
    short: "Mistakes",
    half,
    note: `${whole(mistakes.length)} of ${quantity(count, "image")}`,
    content:
      mistakes.length === 0 ? (
        <p>None: every image is recognized.</p>
      ) : (
        <>
          <p class="soft small">The true class, what it was taken for, and the probability of that.</p>
          <Live of="Gallery" props={{ images: shown, atOnce: MISTAKES, missing: mistakes.length - shown.length }} />
        </>
      ),
  };
}

/** The images whose answers are least certain, right or wrong. */
export function uncertainPart({ placeOf, uncertain }: ShownPictures): Part | undefined {
  const images = uncertain.flatMap((i) => placeOf.get(i) ?? []);
  if (images.length === 0) return undefined;
  return {
    id: "uncertain",
    title: "Most uncertain answers",
    short: "",
    note: "the least probable answers, right or wrong",
    content: <Live of="Gallery" props={{ images, atOnce: UNCERTAIN }} />,
  };
}

/** A map of the images, in which those that the model finds alike are near each other. */
export function mapPart(map: EmbeddingMap, answered: AnsweredRows, { placeOf }: ShownPictures): Part {
  const { rows } = answered;
  const drawn = map.rows;
  return {
    id: "map",
    title: "Map of the images",
    short: "Map",
    note: `${quantity(drawn.length, "image")}${drawn.length < rows.length ? ` of ${whole(rows.length)}, drawn at random` : ""}`,
    content: (
      <>
        <p class="prose soft">
          Images with similar outputs of the layer <code>{map.layer}</code> are close together; only small distances are
          meaningful (UMAP).
        </p>
        <Live
          of="EmbeddingMap"
          props={{ title: "Map of the images by the last hidden layer", ...mapPoints(map, answered, placeOf) }}
        />
      </>
    ),
  };
}
