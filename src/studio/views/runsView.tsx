import { percent, whole } from "../../base/format.ts";
import { actions } from "../actions.ts";
import type { RunSummary } from "../runSummary.ts";
import type { Settings } from "../settings.ts";
import { state } from "../state.ts";
import { texts } from "../texts.ts";
import { Section } from "./section.tsx";
import { settingName } from "./settingName.ts";

/** The settings of a run as words, by their names. */
function wordsOf({ overrides, layers, optimizer, ...beside }: Settings): ReadonlyMap<string, string> {
  const { steps: _, ...others } = overrides; // which have a column of their own
  const found = new Map<string, string>();
  const add = (name: string, value: unknown) => {
    if (value === undefined) return;
    const isGroup = typeof value === "object" && value !== null && !Array.isArray(value);
    if (isGroup) for (const [below, one] of Object.entries(value)) add(`${name}.${below}`, one);
    else found.set(texts.settingOf[name as keyof typeof texts.settingOf] ?? settingName(name), String(value));
  };
  for (const [name, value] of Object.entries({ ...beside, ...others })) add(name, value);
  if (layers) found.set(texts.settingOf.layers, texts.editedLayers(layers.length));
  if (optimizer) found.set(texts.settingOf.optimizer, optimizer.type);
  return found;
}

/** The runs that are kept, with what differs between them: any of them can be shown, and their curves drawn over one another. */
export function RunsView() {
  const runs = state.runs.value;
  // A single run that is shown anyway is nothing new.
  if (runs.length === 0 || (runs.length === 1 && state.shownRun.value !== undefined)) return null;
  const words = runs.map(({ settings }) => wordsOf(settings));
  const names = [...new Set(words.flatMap((of) => [...of.keys()]))];
  const differing = names.filter((name) => new Set(words.map((of) => of.get(name))).size > 1);
  const sources = new Set(runs.map(({ source }) => source));
  const { columns } = texts;
  return (
    <Section
      id="runs"
      title={texts.runsTitle}
      note={(state.machine.value ? texts.runsSinceStart : texts.runsKept)(runs.length)}
    >
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable from the keyboard */}
      <div class="scroll" tabIndex={0}>
        <table class="data runs">
          <thead>
            <tr>
              <th scope="col">{columns.run}</th>
              {sources.size > 1 && <th scope="col">{columns.data}</th>}
              {differing.map((name) => (
                <th scope="col">{name}</th>
              ))}
              <th scope="col" class="number">
                {columns.progress}
              </th>
              <th scope="col" class="number">
                {columns.accuracy}
              </th>
              <th scope="col" class="wide">
                {columns.weights}
              </th>
              <th scope="col">
                <span class="unseen">{columns.actions}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {runs.toReversed().map((run) => (
              <Run
                key={run.id}
                run={run}
                hasSource={sources.size > 1}
                values={differing.map((name) => words[runs.indexOf(run)]!.get(name))}
              />
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

interface RunProps {
  readonly run: RunSummary;
  readonly hasSource: boolean;
  /** The values of the settings that differ. */
  readonly values: readonly (string | undefined)[];
}

function Run({ run, hasSource, values }: RunProps) {
  const { id, source, step, steps, validations, result } = run;
  const isShown = state.shownRun.value === id;
  const accuracy = result?.accuracy ?? validations.at(-1)?.accuracy;
  return (
    <tr class={isShown ? "shown" : ""}>
      <th scope="row">
        <label class={`color-${Number(id) % 10}`}>
          <input
            type="checkbox"
            aria-label={texts.compareRun(id)}
            checked={isShown || state.compared.value.includes(id)}
            disabled={isShown}
            onChange={({ currentTarget }) => actions.compare(id, currentTarget.checked)}
          />{" "}
          {texts.runName(id)}
        </label>
      </th>
      {hasSource && <td>{source}</td>}
      {values.map((value) => (
        <td>{value ?? <span class="soft">{texts.asRecipe}</span>}</td>
      ))}
      <td class="number">{step < steps ? `${whole(step)} / ${whole(steps)}` : whole(steps)}</td>
      <td class="number">
        {accuracy === undefined ? "–" : `${percent(accuracy)} %`}
        {!result && accuracy !== undefined && <span class="soft"> {texts.onValidation}</span>}
      </td>
      <td class="wide">
        <code title={result?.weightsSha256}>{result?.weightsSha256.slice(0, 8) ?? "–"}</code>
      </td>
      <td class="acts">
        {isShown ? (
          <span class="soft">{texts.isShown}</span>
        ) : (
          <button type="button" class="small" onClick={() => actions.showRun(id, texts.showingRun)}>
            {texts.showRun}
            <span class="unseen"> {texts.runName(id)}</span>
          </button>
        )}{" "}
        <button type="button" class="small" onClick={() => actions.deleteRun(id)}>
          {texts.deleteRun}
          <span class="unseen"> {texts.runName(id)}</span>
        </button>
      </td>
    </tr>
  );
}
