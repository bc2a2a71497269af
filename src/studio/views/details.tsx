import { hasWeights, state } from "../state.ts";
import { ConfusionView, MistakesView } from "./answersView.tsx";
import { CalibrationView, MapView } from "./certaintyView.tsx";
import { AccuracyView, LossView } from "./curvesView.tsx";
import { RunsView } from "./runsView.tsx";

/** What is seen of a training: its curves, those of other runs, and what the network gets wrong. */
export const Details = () => (
  <>
    {(hasWeights.value || state.network.value) && (
      <div class="two">
        <AccuracyView />
        <LossView />
      </div>
    )}
    <RunsView />
    {state.confusion.value && (
      <div class="two">
        <ConfusionView />
        <MistakesView />
      </div>
    )}
    {state.tested.value && (
      <div class="two">
        <CalibrationView />
        <MapView />
      </div>
    )}
  </>
);
