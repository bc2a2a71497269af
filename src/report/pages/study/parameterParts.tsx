import { whole } from "../../../base/format.ts";
import { Bar } from "../../components/bar.tsx";
import { ParallelCoordinates } from "../../components/parallel.tsx";
import { Slice } from "../../components/slice.tsx";
import { bestOf, complete, LEAST } from "../../studyFindings.ts";
import { describeTrialScore, lastScore } from "../../studyTable.ts";
import type { Part } from "../page.tsx";
import { scoreDomain } from "./scoreDomain.ts";
import type { StudyPageData } from "./studyPageData.ts";

/** How much each parameter matters, and the scores of trials by their parameters, where there are enough trials. */
export function parameterParts(data: StudyPageData): readonly Part[] {
  const trials = fullTrials(data);
  return [
    ...(data.importances.length > 0 ? [importancePart(data)] : []),
    ...(trials.placed.length < LEAST ? [] : [parallelPart(data, trials), slicesPart(data, trials)]),
  ];
}

function importancePart({ importances }: StudyPageData): Part {
  return {
    id: "importance",
    title: "What matters",
    short: "Importance",
    note: "for being among the best tenth (PED-ANOVA)",
    half: true,
    content: (
      <dl class="odds">
        {importances.map(({ name, share }) => (
          <>
            <dt title={name}>{name}</dt>
            <dd>
              <Bar pieces={[{ share, class: "validation" }]} />
              <span class="number">{Math.round(100 * share)} %</span>
            </dd>
          </>
        ))}
      </dl>
    ),
  };
}

/** The trials that were trained in full, the best first; the best tenth stands out. */
function fullTrials(data: StudyPageData) {
  const { isAccuracy } = data;
  const full = complete(data.ranking);
  const best = bestOf(data).length;
  const scores = full.map((trial) => lastScore(trial)!);
  const [low, high] = scoreDomain(scores, isAccuracy);
  const placed = full.map((trial, k) => ({
    trial,
    isBest: k < best,
    score: Math.min(1, Math.max(0, (scores[k]! - low) / (high - low))),
  }));
  return { placed, ends: [describeTrialScore(low, isAccuracy), describeTrialScore(high, isAccuracy)] as const };
}

type FullTrials = ReturnType<typeof fullTrials>;

function parallelPart(data: StudyPageData, { placed, ends }: FullTrials): Part {
  return {
    id: "parallel",
    title: "All parameters at once",
    short: "Parallel",
    note: `a line for each trial that was trained in full; ${describeBest(placed)}; lower scores are at the lower end`,
    content: (
      <ParallelCoordinates
        title="The parameters of each trial and its score"
        space={data.space}
        lines={placed.map(({ trial, score, isBest }) => ({ parameters: trial.parameters, score, isBest }))}
        score={{ name: data.isAccuracy ? "accuracy" : "loss", ends }}
      />
    ),
  };
}

/** Which trials stand out: a tenth, or more where there are few. */
const describeBest = (placed: FullTrials["placed"]): string =>
  `the best ${whole(placed.filter(({ isBest }) => isBest).length)} are blue`;

function slicesPart(data: StudyPageData, { placed, ends }: FullTrials): Part {
  const order = data.importances.map(({ name }) => name);
  const names = order.length > 0 ? order : Object.keys(data.space);
  return {
    id: "slices",
    title: "Each parameter",
    short: "Slices",
    note: `scores from ${ends[0]} to ${ends[1]}; lower ones are at the lower end; ${describeBest(placed)}`,
    content: (
      <div class="slices">
        {names.map((name) => (
          <Slice
            name={name}
            parameter={data.space[name]!}
            ends={ends}
            points={placed.flatMap(({ trial, score, isBest }) => {
              const value = trial.parameters[name];
              return value === undefined ? [] : [{ value, score, isBest }];
            })}
          />
        ))}
      </div>
    ),
  };
}
