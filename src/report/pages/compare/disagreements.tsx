import { quantity } from "../../../base/format.ts";
import { Live } from "../../components/live.tsx";
import { type NamedComparison, settingName, settingOf } from "../../describeComparison.ts";
import type { AnsweredImage } from "../answeredPictures.ts";
import type { Part } from "../page.tsx";
import { type ComparePageData, modelsOf } from "./comparePageData.ts";

/** Images that all models of one setting get right and all of the other wrong. */
export interface Disagreement {
  readonly better: string;
  readonly worse: string;
  /** With the answers of the first model that is wrong, the most certain mistakes first. */
  readonly images: readonly AnsweredImage[];
}

/** The images on which the two settings of a comparison disagree, in both directions. */
export function disagreementsIn(data: ComparePageData, { first, second }: NamedComparison): readonly Disagreement[] {
  const { report, rows } = data;
  const directions = [
    [second, first],
    [first, second],
  ] as const;
  return directions.map(([better, worse]) => {
    const [right, wrong] = [modelsOf(data, better), modelsOf(data, worse)];
    const { answers, confidences } = wrong[0]!;
    const images = Array.from(rows, (row, i) => ({ i, row, answer: answers[i]!, confidence: confidences[i]! })).filter(
      ({ i }) => right.every(({ correct }) => correct[i] === 1) && wrong.every(({ correct }) => correct[i] === 0),
    );
    return {
      better: settingName(settingOf(report, better)),
      worse: settingName(settingOf(report, worse)),
      images: images.sort((a, b) => b.confidence - a.confidence),
    };
  });
}

/** A gallery of each disagreement; `pictures`: how many of all their images, in this order, are on the page. */
export function disagreementParts(disagreements: readonly Disagreement[], pictures: number): readonly Part[] {
  let first = 0;
  return disagreements.map(({ better, worse, images }, k) => {
    const shown = images.map((_, i) => first + i).filter((place) => place < pictures);
    first += images.length;
    return {
      id: `images-${k}`,
      short: k === 0 ? "Images" : "",
      title: `Only ${better} is right`,
      note: `on ${quantity(images.length, "image")}; with the answers of ${worse}`,
      half: true,
      content:
        shown.length > 0 ? (
          <Live of="Gallery" props={{ images: shown, atOnce: 36, missing: images.length - shown.length }} />
        ) : (
          <p class="soft">There is no such image{images.length > 0 ? " that can be shown" : ""}.</p>
        ),
    };
  });
}
