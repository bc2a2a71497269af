import { useState } from "preact/hooks";
import { actions } from "../actions.ts";
import { isUnderWay, state } from "../state.ts";
import { texts } from "../texts.ts";
import { lazy } from "./lazy.tsx";
import { isReady, MainButton } from "./mainButton.tsx";
import { AllSettings, NumberField, RateField } from "./settings.tsx";

const SweepView = lazy(async () => (await import("./sweepView.tsx")).SweepView);

/** The settings that stand in the row; all others are below it. */
const numbers = { batchSize: texts.batchSize, steps: texts.steps, seed: texts.seed };
const inRow = ["learningRate", ...Object.keys(numbers)];

/** Buttons and settings of the training, and how far it is. */
export const TrainView = () => (
  <div class="train">
    <div class="controls">
      <Buttons />
      <FindRate />
    </div>
    <div class="basics">
      <Recipe />
      <RateField />
      {(Object.entries(numbers) as [keyof typeof numbers, string][]).map(([path, label]) => (
        <NumberField
          key={path}
          path={path}
          label={label}
          {...(state.plan.value && { placeholder: String(state.plan.value[path]) })}
        />
      ))}
    </div>
    <Progress />
    {state.sweep.value && <SweepView />}
    {!state.isLearning.value && (
      <p class="note-box" role="alert">
        {texts.notLearning}
      </p>
    )}
    <Others />
  </div>
);

/** Starts a sweep of learning rates, or ends it. */
function FindRate() {
  const isSweeping = state.sweep.value?.isDone === false;
  return (
    <button
      type="button"
      disabled={!isReady() || isUnderWay.value}
      onClick={() => void (isSweeping ? actions.stopSweep() : actions.sweep())}
    >
      {isSweeping ? texts.stopSweep : texts.findRate}
    </button>
  );
}

/** All settings, once they are asked for; how many of them are set can be seen before. */
function Others() {
  const [isOpen, setOpen] = useState(false);
  const { overrides, budget, threads, checkpointEvery, initFrom } = state.settings.value;
  const beside = [budget, threads, checkpointEvery, initFrom].filter((value) => value !== undefined).length;
  const set = beside + Object.keys(overrides).filter((name) => !inRow.includes(name)).length;
  return (
    <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary class="soft small">
        {texts.allSettings}
        {set > 0 && ` (${texts.areSet(set)})`}
      </summary>
      {isOpen && <AllSettings />}
    </details>
  );
}

/** What can be done with the training. */
function Buttons() {
  const activity = state.activity.value;
  return (
    <>
      <MainButton />
      {activity !== "trained" && activity !== "followed" && (
        <button type="button" disabled={!isReady() || activity === "preparing"} onClick={() => void actions.step()}>
          {texts.oneStep}
        </button>
      )}
      {(isUnderWay.value || activity === "trained") && (
        <button type="button" onClick={() => void actions.reset()}>
          {texts.reset}
        </button>
      )}
    </>
  );
}

const Recipe = () => (
  <label class="field">
    <span>{texts.recipe}</span>
    <select
      value={state.settings.value.recipe}
      disabled={isUnderWay.value}
      onChange={({ currentTarget }) => actions.setRecipe(currentTarget.value)}
    >
      {(state.about.value?.recipes ?? [{ name: state.settings.value.recipe, description: "" }]).map(
        ({ name, description }) => (
          <option value={name} title={description}>
            {name}
          </option>
        ),
      )}
    </select>
  </label>
);

function Progress() {
  const progress = state.progress.value;
  const share = state.activity.value === "trained" ? 1 : progress ? progress.step / progress.steps : 0;
  return <progress class="bar-line" aria-label={texts.progress} max={1} value={share} />;
}
