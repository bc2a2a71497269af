import { Chart } from "../../report/components/chart.tsx";
import { actions } from "../actions.ts";
import { state } from "../state.ts";
import { texts } from "../texts.ts";

/** A rate with two digits, as one would write it. */
const short = (rate: number): number => Number(rate.toPrecision(2));

/** The losses at growing learning rates, while they grow, and the rate that follows from them. */
export function SweepView() {
  const { points, suggestion, isDone } = state.sweep.value!;
  // Exploding losses would flatten all others into a line.
  const highest = 1.5 * Math.max(points[0]?.loss ?? 1, Math.min(...points.map(({ smoothedLoss }) => smoothedLoss)));
  const use = () => {
    actions.override({ learningRate: short(suggestion) });
    actions.closeSweep();
  };
  return (
    <section class="sweep" aria-label={texts.sweep}>
      <div class="sweep-head">
        <p role="status">{isDone ? texts.suggestion(String(short(suggestion))) : texts.sweeping}</p>
        {isDone && (
          <span class="row">
            <button type="button" class="main small" onClick={use}>
              {texts.useRate(String(short(suggestion)))}
            </button>
            <button type="button" class="small" onClick={actions.closeSweep}>
              {texts.close}
            </button>
          </span>
        )}
      </div>
      <Chart
        title={texts.sweep}
        x={{ name: texts.learningRate, kind: "number", log: true }}
        y={{ name: texts.loss, kind: "number", domain: [0, Math.max(0.1, highest)] }}
        series={[
          { name: texts.batch, look: "faint", points: points.map(({ learningRate, loss }) => [learningRate, loss]) },
          {
            name: texts.smoothed,
            look: "main",
            points: points.map(({ learningRate, smoothedLoss }) => [learningRate, smoothedLoss]),
          },
          ...(isDone
            ? [
                {
                  name: texts.suggested,
                  look: "guide",
                  points: [
                    [suggestion, 0],
                    [suggestion, highest],
                  ],
                } as const,
              ]
            : []),
        ]}
      />
    </section>
  );
}
