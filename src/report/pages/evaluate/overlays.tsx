import { percent } from "../../../base/format.ts";
import { resize } from "../../../image/resize.ts";
import { Picture } from "../../components/picture.tsx";
import { OVERLAY_SIDE, overlay } from "../../overlay.ts";
import type { Part } from "../page.tsx";
import type { ExplainedMistake } from "./explainMistakes.ts";

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
              <Picture image={resize(image, [OVERLAY_SIDE, OVERLAY_SIDE])} alt="" />
              <Picture image={overlay(image, ofAnswer)} alt={`Where it sees ${answer}`} />
              <Picture image={overlay(image, ofLabel)} alt={`Where it sees ${label}`} />
              <span class="name" title={label}>
                {label}
              </span>
              <span>
                <span class="name" title={answer}>
                  as <b class="warn">{answer}</b>
                </span>{" "}
                <span class="share">{percent(confidence)} %</span>
              </span>
              <span class="name" title={label}>
                as {label}
              </span>
            </li>
          ))}
        </ul>
      </>
    ),
  };
}
