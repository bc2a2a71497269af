import { Chart } from "../../report/components/chart.tsx";
import { EmbeddingMap } from "../../report/components/map.tsx";
import { calibrationErrors, describeReliability, reliabilityChart } from "../../report/reliability.ts";
import { actions } from "../actions.ts";
import { state } from "../state.ts";
import { texts } from "../texts.ts";
import { Section } from "./section.tsx";

/** Whether answers are right as often as their probabilities say. */
export function CalibrationView() {
  const reliability = state.tested.value?.probabilities;
  if (!reliability) return null;
  return (
    <Section id="calibration" title={texts.calibration} note={calibrationErrors(reliability)}>
      <p class="soft small">{describeReliability(reliability)}</p>
      <Chart {...reliabilityChart(reliability)} />
    </Section>
  );
}

/** The test images as points, once that is asked for. */
export function MapView() {
  const map = state.map.value;
  return (
    <Section id="map" title={texts.map} isWide={map !== undefined}>
      <p class="soft small">{texts.mapHow}</p>
      {map ? (
        <EmbeddingMap title={texts.map} {...map} />
      ) : (
        <button
          type="button"
          disabled={state.busy.value !== undefined}
          onClick={() => actions.drawMap(texts.drawingMap)}
        >
          {texts.drawMap}
        </button>
      )}
    </Section>
  );
}
