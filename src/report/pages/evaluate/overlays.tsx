import { percent } from "../../../base/format.ts";
import type { ClassActivationMap } from "../../../evaluation/index.ts";
import { type Image, toColor } from "../../../image/image.ts";
import { resize } from "../../../image/resize.ts";
import { Picture } from "../../components/picture.tsx";
import type { Part } from "../page.tsx";
import type { ExplainedMistake } from "./explainMistakes.ts";

/** The height and width of drawings, in pixels. */
const SIDE = 72;
/** The colors of what speaks for a class and against it, and how much of them the strongest places have. */
const [FOR, AGAINST] = [
  [255, 96, 32],
  [48, 120, 255],
] as const;
const STRONGEST = 0.75;

const methods = {
  cam: "class activation maps, whose mean is the logit of the class up to its bias",
  occlusion: "how much the probability of the class falls when a part of the image is hidden",
} as const;

/** Where the model sees what it takes mistakes for. */
export function overlaysPart(mistakes: readonly ExplainedMistake[]): Part | undefined {
  if (mistakes.length === 0) return undefined;
  return {
    id: "where",
    title: "Where the model looks",
    short: "Where it looks",
    note: "at its most certain mistakes",
    content: (
      <>
        <p class="prose soft">
          Orange supports the class, blue contradicts it: {methods[mistakes[0]!.ofAnswer.method]}. Each map has its own
          scale.
        </p>
        <ul class="overlays">
          {mistakes.map(({ image, label, answer, confidence, ofLabel, ofAnswer }) => (
            <li>
              <Picture image={resize(image, [SIDE, SIDE])} alt="" />
              <Picture image={overlay(image, ofAnswer)} alt={`Where it sees ${answer}`} />
              <Picture image={overlay(image, ofLabel)} alt={`Where it sees ${label}`} />
              <span>{label}</span>
              <span>
                as <b class="warn">{answer}</b>, {percent(confidence)} %
              </span>
              <span>as {label}</span>
            </li>
          ))}
        </ul>
      </>
    ),
  };
}

/** An image in gray with a map in color over it; the strongest value of the map, for or against, has the full color. */
export function overlay(image: Image, { height, width, values }: ClassActivationMap): Image {
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  // As bytes with 0 at 128, so that the map is enlarged as images are.
  const bytes = Uint8Array.from(values, (value) => 128 + Math.round((127 * value) / largest));
  const map = resize({ height, width, channels: 1, pixels: bytes }, [SIDE, SIDE]).pixels;
  const below = toColor(resize(image, [SIDE, SIDE])).pixels;
  const pixels = new Uint8Array(below.length);
  for (let p = 0; p < map.length; p++) {
    const value = (map[p]! - 128) / 127;
    const share = STRONGEST * Math.abs(value);
    const color = value > 0 ? FOR : AGAINST;
    const gray = (below[3 * p]! + below[3 * p + 1]! + below[3 * p + 2]!) / 3;
    // Black and white are drawn less strongly, so that colors show on both.
    const calm = 40 + (gray * 175) / 255;
    for (let c = 0; c < 3; c++) pixels[3 * p + c] = Math.round((1 - share) * calm + share * color[c]!);
  }
  return { height: SIDE, width: SIDE, channels: 3, pixels };
}
