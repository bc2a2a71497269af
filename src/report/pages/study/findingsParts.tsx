import { duration, percent, quantity, whole } from "../../../base/format.ts";
import { Figures } from "../../components/facts.tsx";
import { describeFlattery } from "../../describeFlattery.ts";
import { describeFindings } from "../../describeStudy.ts";
import { nextSteps } from "../../nextSteps.ts";
import { recipeScore } from "../../studyFindings.ts";
import { describeTrialScore, lastScore, meanOf } from "../../studyTable.ts";
import type { Part } from "../page.tsx";
import type { StudyPageData } from "./studyPageData.ts";

/** The scores of the winner and of the recipe, and what the study took. */
export function overviewPart(data: StudyPageData): Part {
  const { trials, ranking, isAccuracy, test, testsTaken, confirmed } = data;
  const [best] = ranking;
  const own = recipeScore(data);
  const shown = (score: number) => describeTrialScore(score, isAccuracy);
  const seconds = trials.reduce((sum, trial) => sum + trial.seconds, 0);
  const mean = confirmed.length > 0 ? meanOf(confirmed) : undefined;
  return {
    id: "overview",
    title: "Overview",
    content: (
      <Figures
        lead
        items={[
          ...(best
            ? [{ name: "Best on validation images", value: shown(lastScore(best)!), note: `trial ${best.number}` }]
            : []),
          ...(test
            ? [
                {
                  name: "Its test accuracy",
                  value: `${percent(test.accuracy)} %`,
                  note: `${test.interval.map((end) => `${percent(end)} %`).join(" to ")} on ${quantity(test.count, "image")}${testsTaken > 1 ? `; winner number ${testsTaken} that was tested` : ""}`,
                },
              ]
            : []),
          ...(mean === undefined
            ? []
            : [{ name: "With other seeds", value: shown(mean), note: `mean of ${confirmed.length}` }]),
          ...(own === undefined ? [] : [{ name: "The recipe's own values", value: shown(own), note: "trial 0" }]),
          { name: "Trials", value: whole(trials.length), note: `${duration(seconds)} of training, by ${data.sampler}` },
        ]}
      />
    ),
  };
}

/** What the study has found, in words. */
export function findingsPart(data: StudyPageData): Part {
  const flattery = describeFlattery(data);
  return {
    id: "findings",
    title: "What was found",
    short: "Findings",
    content: (
      <ul class="list prose">
        {[...describeFindings(data), ...(flattery === undefined ? [] : [flattery])].map((text) => (
          <li>{text}</li>
        ))}
      </ul>
    ),
  };
}

/** What to try next, with commands. */
export function nextPart(data: StudyPageData): Part | undefined {
  const steps = nextSteps(data);
  if (steps.length === 0) return undefined;
  return {
    id: "next",
    title: "What to try next",
    short: "Next",
    content: (
      <ul class="list">
        {steps.map(({ text, command }) => (
          <li class="command">
            {text} {command && <code>{command}</code>}
          </li>
        ))}
      </ul>
    ),
  };
}
