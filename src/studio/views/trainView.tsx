import type { Overrides } from "../../training/index.ts";
import { actions, isUnderWay, state } from "../store.ts";
import { texts } from "../texts.ts";
import type { SettingInfo } from "../workbench.ts";

/** The settings that stand in the row; all others are below it. */
const inRow = { learningRate: texts.learningRate, batchSize: texts.batchSize, steps: texts.steps, seed: texts.seed };

/** Buttons and settings of the training, and how far it is. */
export const TrainView = () => (
  <div class="train">
    <div class="controls">
      <Buttons />
      <Recipe />
      {(Object.entries(inRow) as [keyof typeof inRow, string][]).map(([path, label]) => (
        <NumberField
          key={path}
          path={path}
          label={label}
          {...(state.plan.value && { placeholder: String(state.plan.value[path]) })}
        />
      ))}
    </div>
    <Progress />
    {!state.isLearning.value && (
      <p class="note-box" role="alert">
        {texts.notLearning}
      </p>
    )}
    <AllSettings />
  </div>
);

/** Start, pause and go on are one button. */
function Buttons() {
  const activity = state.activity.value;
  const isReady = state.about.value !== undefined && state.data.value !== undefined && !state.busy.value;
  const main = {
    idle: [texts.train, actions.start],
    preparing: [texts.train, actions.start],
    training: [texts.pause, actions.pause],
    paused: [texts.goOn, actions.resume],
    trained: [texts.trainAgain, actions.start],
    followed: [texts.train, actions.start],
  } as const;
  const [label, act] = main[activity];
  return (
    <>
      <button type="button" class="main" disabled={!isReady || activity === "preparing"} onClick={() => void act()}>
        {label}
      </button>
      {activity !== "trained" && (
        <button type="button" disabled={!isReady || activity === "preparing"} onClick={() => void actions.step()}>
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

/** A value at a path such as `split.validation`. */
const valueAt = (overrides: Overrides, path: string): unknown =>
  path.split(".").reduce<unknown>((of, name) => (of as Record<string, unknown> | undefined)?.[name], overrides);

/** A change of the value at a path. */
function changeOf(overrides: Overrides, path: string, value: unknown): Overrides {
  const [top, below] = path.split(".") as [string, string?];
  if (below === undefined) return { [top]: value };
  const group = { ...(valueAt(overrides, top) as object | undefined), [below]: value };
  return { [top]: Object.values(group).some((one) => one !== undefined) ? group : undefined };
}

const setAt = (path: string, value: unknown): void =>
  actions.override(changeOf(state.settings.value.overrides, path, value));

interface FieldProps {
  readonly path: string;
  readonly label: string;
  /** What applies where it is empty. */
  readonly placeholder?: string;
}

/** A number; where it is empty, the recipe's applies. */
const NumberField = ({ path, label, placeholder = texts.fromRecipe }: FieldProps) => (
  <label class="field">
    <span>{label}</span>
    <input
      type="number"
      step="any"
      placeholder={placeholder}
      disabled={isUnderWay.value}
      value={(valueAt(state.settings.value.overrides, path) as number | undefined) ?? ""}
      onChange={({ currentTarget }) =>
        setAt(path, currentTarget.value === "" ? undefined : Number(currentTarget.value))
      }
    />
  </label>
);

/** Every setting that is a number, a switch or a choice, with what it means. */
function AllSettings() {
  const all = (state.about.value?.settings ?? []).filter(
    ({ path, type }) => !(path in inRow) && ["number", "flag", "choice"].includes(type),
  );
  return (
    <details>
      <summary class="soft small">{texts.allSettings}</summary>
      <div class="settings">
        {all.map((info) => (
          <Setting key={info.path} {...info} />
        ))}
      </div>
    </details>
  );
}

const spaced = (path: string): string =>
  path
    .replaceAll(/([A-Z])/g, " $1")
    .replace(".", ": ")
    .toLowerCase();

function Setting({ path, help, type, choices }: SettingInfo) {
  const value = valueAt(state.settings.value.overrides, path);
  const id = `setting-${path}`;
  return (
    <div class="setting">
      {type === "number" ? (
        <NumberField path={path} label={spaced(path)} />
      ) : (
        <label class="field">
          <span>{spaced(path)}</span>
          <select
            disabled={isUnderWay.value}
            aria-describedby={id}
            value={value === undefined ? "" : String(value)}
            onChange={({ currentTarget: { value: chosen } }) =>
              setAt(path, chosen === "" ? undefined : type === "flag" ? chosen === "true" : chosen)
            }
          >
            <option value="">{texts.otherwise}</option>
            {(type === "flag" ? ["true", "false"] : (choices ?? [])).map((choice) => (
              <option value={choice}>{choice}</option>
            ))}
          </select>
        </label>
      )}
      <p id={id} class="soft small">
        {help}
      </p>
    </div>
  );
}

function Progress() {
  const progress = state.progress.value;
  const share = state.activity.value === "trained" ? 1 : progress ? progress.step / progress.steps : 0;
  return <progress class="bar-line" aria-label={texts.progress} max={1} value={share} />;
}
