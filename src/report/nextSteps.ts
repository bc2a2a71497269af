import { percent, quantity } from "../base/format.ts";
import { axisOf } from "../search/scale.ts";
import type { Parameter } from "../training/space/parameter.ts";
import { bestOf, complete, ENOUGH, LEAST, type StudyFindings, valuesIn } from "./studyFindings.ts";
import { lastScore } from "./studyTable.ts";

/** The share of the importance below which a parameter does not matter. */
const IDLE = 0.02;
/** The part of a range, at each end, where the best values ask for a wider one. */
const EDGE = 0.1;

/** What to try next: each with a command, if there is one. */
export function nextSteps(study: StudyFindings): readonly { readonly text: string; readonly command?: string }[] {
  const { isDone, resume, confirmed, trials, ranking, isAccuracy, validationImages, importances } = study;
  const full = complete(ranking);
  const steps: { text: string; command?: string }[] = [];
  if (!isDone) steps.push({ text: "Go on: not all trials are done.", command: resume });
  if (full.length >= ENOUGH)
    for (const [name, parameter] of Object.entries(study.space)) {
      const end = edgeOf(name, parameter, study);
      if (end) steps.push({ text: `Widen the range of ${name}: the best values are at its ${end} end.` });
    }
  const [best] = ranking;
  if (isDone && best && best.number >= 0.75 * trials.length && trials.length >= ENOUGH)
    steps.push({
      text: "Try more trials: the best was found late.",
      command: `${resume} --trials ${2 * trials.length}`,
    });
  if (confirmed.length === 0 && best)
    steps.push({ text: "Measure how lucky the winner is.", command: `${resume} --confirm 5` });
  const fifth = full[LEAST - 1];
  const [top, low] = [best && lastScore(best), fifth && lastScore(fifth)];
  if (isAccuracy && top !== undefined && low !== undefined && validationImages > 0) {
    const error = Math.sqrt((2 * top * (1 - top)) / validationImages);
    if (top - low < error)
      steps.push({
        text: `Tell the best five apart: their scores differ by ${percent(top - low)} points, less than chance on ${quantity(validationImages, "image")} (${percent(error)}). A new study with --folds 5 scores each trial on all of them.`,
      });
  }
  const idle = importances.filter(({ share }) => share < IDLE).map(({ name }) => name);
  if (idle.length > 0)
    steps.push({
      text: `Leave ${idle.join(", ")} out of the next study: ${idle.length === 1 ? "it hardly matters" : "they hardly matter"}.`,
    });
  return steps;
}

/** The end of its range that the best values of a number are at, if they are. */
function edgeOf(name: string, parameter: Parameter, study: StudyFindings): "upper" | "lower" | undefined {
  if (parameter.type !== "number" || parameter.whole) return undefined;
  const axis = axisOf(parameter)!;
  const values = (valuesIn(name, bestOf(study)) as readonly number[]).toSorted((a, b) => a - b);
  if (values.length < LEAST) return undefined;
  const place = (axis.placeOf(values[Math.floor(values.length / 2)]!) - axis.low) / (axis.high - axis.low);
  // A range that ends at the recipe's own value, such as a probability of 1, ends there for a reason.
  const { low, high, default: own } = parameter;
  if (place > 1 - EDGE) return own === high ? undefined : "upper";
  if (place < EDGE) return own === low ? undefined : "lower";
  return undefined;
}
