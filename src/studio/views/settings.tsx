import type { Overrides } from "../../training/index.ts";
import { classWeightsOf, namesOf, parameterOf } from "../../training/optionText.ts";
import { actions } from "../actions.ts";
import type { SettingInfo, Settings } from "../settings.ts";
import { isUnderWay, state } from "../state.ts";
import { texts } from "../texts.ts";
import { settingName } from "./settingName.ts";

/** A value at a path such as `split.validation`. */
const valueAt = (of: object, path: string): unknown =>
  path.split(".").reduce<unknown>((group, name) => (group as Record<string, unknown> | undefined)?.[name], of);

/** A change of the value at a path. */
function changeOf(overrides: Overrides, path: string, value: unknown): Overrides {
  const [top, below] = path.split(".") as [string, string?];
  if (below === undefined) return { [top]: value };
  const group = { ...(valueAt(overrides, top) as object | undefined), [below]: value };
  return { [top]: Object.values(group).some((one) => one !== undefined) ? group : undefined };
}

/** The value of a setting, and what changes it. */
export function settingAt(path: string, isOverride: boolean): { readonly value: unknown; set(value: unknown): void } {
  const { overrides } = state.settings.value;
  if (!isOverride) {
    const name = path as keyof Settings;
    return { value: state.settings.value[name], set: (value) => actions.set({ [name]: value }) };
  }
  return {
    value: valueAt(overrides, path),
    set: (value) => actions.override(changeOf(state.settings.value.overrides, path, value)),
  };
}

interface NumberFieldProps {
  readonly path: string;
  readonly label: string;
  readonly isOverride?: boolean;
  readonly describedBy?: string;
  /** What applies where it is empty. */
  readonly placeholder?: string;
}

/** A number; where it is empty, the recipe's applies. */
export function NumberField({ path, label, isOverride = true, describedBy, placeholder }: NumberFieldProps) {
  const { value, set } = settingAt(path, isOverride);
  return (
    <label class="field">
      <span>{label}</span>
      <input
        type="number"
        step="any"
        placeholder={placeholder ?? texts.fromRecipe}
        disabled={isUnderWay.value}
        aria-describedby={describedBy}
        value={(value as number | undefined) ?? ""}
        onChange={({ currentTarget: { value: text } }) => set(text === "" ? undefined : Number(text))}
      />
    </label>
  );
}

/** The learning rate: a number, or "auto", which chooses one by trials; where it is empty, the recipe's applies. */
export function RateField() {
  const { chosenRate, overrides } = state.settings.value;
  return (
    <label class="field">
      <span>{texts.learningRate}</span>
      <input
        type="text"
        inputMode="decimal"
        list="rates"
        autoComplete="off"
        placeholder={String(state.plan.value?.learningRate ?? texts.fromRecipe)}
        disabled={isUnderWay.value}
        value={chosenRate ? texts.automatic : (overrides.learningRate ?? "")}
        onChange={({ currentTarget: input }) => {
          const text = input.value.trim();
          const isAutomatic = text === texts.automatic;
          const isWrong = !isAutomatic && text !== "" && !(Number(text) > 0);
          input.setCustomValidity(isWrong ? texts.noRate : "");
          input.reportValidity();
          if (isWrong) return;
          actions.set({ chosenRate: isAutomatic || undefined });
          const rate = isAutomatic || text === "" ? undefined : Number(text);
          actions.override(changeOf(state.settings.value.overrides, "learningRate", rate));
        }}
      />
      <datalist id="rates">
        <option value={texts.automatic}>{texts.triesRates}</option>
      </datalist>
    </label>
  );
}

/** Settings in these are of the data, and stand with the settings although they change how these are divided. */
const groupOf = ({ group }: SettingInfo): string => group.replace(/:$/, "");

/** The settings that stand in the row above. */
const inRow = ["learningRate", "batchSize", "steps", "seed"];

/** Every setting, in the groups of the command line, with what it means. */
export function AllSettings() {
  const all = (state.about.value?.settings ?? []).filter(({ path }) => !inRow.includes(path));
  const groups = [...new Set(all.map(groupOf))];
  return (
    <>
      {state.settings.value.optimizer && (
        <p class="note-box small">
          {texts.ownOptimizer(state.settings.value.optimizer.type)}{" "}
          <button type="button" class="small" onClick={() => actions.set({ optimizer: undefined })}>
            {texts.recipesOptimizer}
          </button>
        </p>
      )}
      {groups.map((group) => (
        <fieldset class="group" key={group}>
          <legend>{group}</legend>
          <div class="settings">
            {all
              .filter((info) => groupOf(info) === group)
              .map((info) => (
                <Setting key={info.path} {...info} />
              ))}
          </div>
        </fieldset>
      ))}
    </>
  );
}

function Setting(info: SettingInfo) {
  const { path, help, unit, otherwise, default: value } = info;
  const id = `setting-${path}`;
  const without = otherwise ?? (value === undefined || typeof value === "object" ? undefined : String(value));
  return (
    <div class="setting">
      <Field {...info} describedBy={id} />
      <p id={id} class="soft small">
        {help}
        {unit !== undefined && !help.includes(unit) && `, in ${unit}`}
        {without !== undefined && ` (${without})`}
      </p>
    </div>
  );
}

/** The input for a setting, by its type. */
function Field(info: SettingInfo & { readonly describedBy: string }) {
  const { path, type, isOverride, describedBy } = info;
  const label = settingName(path);
  switch (type) {
    case "number":
    case "time":
    case "learningRate":
      return <NumberField {...{ path, label, isOverride, describedBy, placeholder: texts.unset }} />;
    case "flag":
      return <ChoiceField {...info} label={label} choices={["true", "false"]} />;
    case "choice":
      return <ChoiceField {...info} label={label} choices={info.choices ?? []} />;
    default:
      return path === "initFrom" ? (
        <ChoiceField {...info} label={label} choices={state.runs.value.map(({ id }) => id)} />
      ) : (
        <TextField {...info} label={label} />
      );
  }
}

type FieldProps = SettingInfo & { readonly label: string; readonly describedBy: string };

function ChoiceField({ path, type, isOverride, label, choices, describedBy }: FieldProps) {
  const { value, set } = settingAt(path, isOverride);
  return (
    <label class="field">
      <span>{label}</span>
      <select
        disabled={isUnderWay.value}
        aria-describedby={describedBy}
        value={value === undefined ? "" : String(value)}
        onChange={({ currentTarget: { value: chosen } }) =>
          set(chosen === "" ? undefined : type === "flag" ? chosen === "true" : chosen)
        }
      >
        <option value="">{texts.unset}</option>
        {(choices ?? []).map((choice) => (
          <option value={choice}>{path === "initFrom" ? texts.runName(choice) : choice}</option>
        ))}
      </select>
    </label>
  );
}

/** What is typed for settings that are neither numbers nor choices; undefined where it means nothing. */
function parsed(type: SettingInfo["type"], text: string): unknown {
  if (type === "classWeights") return classWeightsOf(text);
  if (type === "parameters") {
    const all = text.split(",").map(parameterOf);
    return all.every((one) => one !== undefined) ? Object.fromEntries(all) : undefined;
  }
  return type === "names" ? namesOf(text) : text;
}

/** Such a value as it is typed. */
function typed(value: unknown): string {
  if (value === undefined) return "";
  if (typeof value !== "object" || value === null) return String(value);
  return Array.isArray(value)
    ? value.join(", ")
    : Object.entries(value)
        .map((pair) => pair.join("="))
        .join(", ");
}

function TextField({ path, type, isOverride, label, describedBy }: FieldProps) {
  const { value, set } = settingAt(path, isOverride);
  return (
    <label class="field">
      <span>{label}</span>
      <input
        type="text"
        placeholder={texts.unset}
        disabled={isUnderWay.value}
        aria-describedby={describedBy}
        value={typed(value)}
        onChange={({ currentTarget: input }) => {
          const found = input.value.trim() === "" ? undefined : parsed(type, input.value.trim());
          const isWrong = input.value.trim() !== "" && found === undefined;
          input.setCustomValidity(isWrong ? texts.notUnderstood : "");
          input.reportValidity();
          if (!isWrong) set(found);
        }}
      />
    </label>
  );
}
