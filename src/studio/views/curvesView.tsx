import { percent } from "../../base/format.ts";
import { Chart, type Series } from "../../report/components/chart.tsx";
import type { Validation } from "../inside.ts";
import { state } from "../state.ts";
import { texts } from "../texts.ts";
import { Section } from "./section.tsx";

const longest = (): number =>
  Math.max(
    state.network.value?.steps ?? 1,
    ...state.runs.value.filter(({ id }) => state.compared.value.includes(id)).map(({ steps }) => steps),
  );

/** The steps that all curves show: those of the whole training. */
const stepsAxis = () => ({ name: texts.stepAxis, kind: "count", domain: [0, longest()] }) as const;

/** The validations of the other runs that are compared, as lines of their colors. */
const others = (scoreOf: (validation: Validation) => number): readonly Series[] =>
  state.runs.value
    .filter(({ id }) => state.compared.value.includes(id) && id !== state.shownRun.value)
    .map(({ id, validations }) => ({
      name: texts.runName(id),
      look: Number(id) % 10,
      points: validations.map((validation) => [validation.step + 1, scoreOf(validation)] as const),
    }));

/** The accuracy on validation images, and at the end on test images. */
export function AccuracyView() {
  const validations = state.validations.value;
  const last = validations.at(-1);
  const test = state.result.value?.test;
  return (
    <Section id="accuracy" title={texts.accuracy} note={texts.onValidation}>
      {last ? (
        <>
          <p class="big">{percent((test ?? last).accuracy)} %</p>
          <p class="soft small">
            {test ? texts.onTest(percent(test.interval[0]), percent(test.interval[1])) : texts.onValidation}
          </p>
          <Chart
            title={texts.accuracy}
            x={stepsAxis()}
            y={{ name: texts.accuracy, kind: "percent", domain: [0, 1] }}
            series={[
              ...others(({ accuracy }) => accuracy),
              {
                name: texts.onValidation,
                look: "main",
                points: validations.map(({ step, accuracy }) => [step + 1, accuracy] as const),
              },
            ]}
          />
        </>
      ) : (
        <p class="soft small">{texts.curvesEmpty}</p>
      )}
    </Section>
  );
}

/** The loss of the batches and of the validation images. */
export function LossView() {
  const [validations, losses] = [state.validations.value, state.losses.value];
  // The loss of a guess among classes that are equally frequent; what is above it is cut off.
  const guess = Math.log(Math.max(2, state.network.value?.classes.length ?? 2));
  const last = state.result.value?.test.loss ?? validations.at(-1)?.loss;
  return (
    <Section id="loss" title={texts.loss} note={texts.batchAndValidation}>
      {last !== undefined ? (
        <>
          <p class="big">{last.toFixed(3)}</p>
          <p class="soft small">{texts.nats}</p>
          <Chart
            title={texts.loss}
            x={stepsAxis()}
            y={{ name: texts.loss, kind: "number", domain: [0, guess] }}
            series={[
              { name: texts.batch, look: "faint", points: losses },
              ...others(({ loss }) => loss),
              {
                name: texts.onValidation,
                look: "main",
                points: validations.map(({ step, loss }) => [step + 1, loss] as const),
              },
            ]}
          />
        </>
      ) : (
        <p class="soft small">{texts.curvesEmpty}</p>
      )}
    </Section>
  );
}
