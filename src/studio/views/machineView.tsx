import { percent, whole } from "../../base/format.ts";
import { actions } from "../actions.ts";
import { dataActions } from "../dataActions.ts";
import type { MachineRun } from "../runSummary.ts";
import { state } from "../state.ts";
import { texts } from "../texts.ts";
import { Section } from "./section.tsx";

/** What the server has of its machine: data sets that it was started with, and runs. */
export function MachineView() {
  const machine = state.machine.value;
  if (!machine) return null;
  const { sources, folder, runs } = machine;
  return (
    <Section id="machine" title={texts.machine} note={texts.runs(whole(runs.length))}>
      {sources.length > 0 && (
        <ul class="places">
          {sources.map((path) => (
            <li key={path}>
              <button
                type="button"
                class="place"
                title={path}
                onClick={() => dataActions.openPath(path, texts.opening)}
              >
                <b>{nameOf(path)}</b>
                <span class="soft small">{texts.dataSet}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      {runs.length > 0 ? (
        <ul class="places">
          {runs.map((run) => (
            <Run key={run.path} {...run} />
          ))}
        </ul>
      ) : (
        <p class="soft small">{texts.noRuns(folder)}</p>
      )}
    </Section>
  );
}

const nameOf = (path: string): string => path.split(/[/\\]/).findLast((part) => part !== "") ?? path;

/** A run: it is opened, or followed while another process trains it; a finished one has a report. */
function Run(run: MachineRun) {
  const { path, status, recipe, source, report } = run;
  return (
    <li>
      <button
        type="button"
        class="place"
        title={path}
        disabled={status === "unreadable"}
        onClick={() => dataActions.openPath(path, texts.opening)}
      >
        <b>
          <i class={`dot ${dots[status]}`} aria-hidden="true" /> {nameOf(path)}
        </b>
        <span class="number">{stateOf(run)}</span>
        <span class="soft small">
          {[texts.runStatus[status], recipe, source].filter((text) => text !== "").join(" · ")}
        </span>
      </button>
      {report && (
        <a class="small" href={report} target="_blank" rel="noopener">
          {texts.report}
        </a>
      )}
    </li>
  );
}

const dots = { running: "training", stopped: "paused", finished: "trained", unreadable: "" } as const;

function stateOf({ status, step, steps, accuracy }: MachineRun): string {
  if (accuracy !== undefined) return `${percent(accuracy)} %`;
  return status === "unreadable" || steps === 0 ? "" : `${Math.floor((100 * step) / steps)} %`;
}

/** Says that the page has lost its server, is faster once it is loaded again, or has a new version. */
export function Notices() {
  const to = state.connection.value;
  return (
    <div role="status">
      {to !== undefined && to !== "server" && <p class="problem">{texts.lost[to]}</p>}
      {state.canIsolate.value && !state.hasNewVersion.value && (
        <p class="notice">
          {texts.canIsolate(navigator.hardwareConcurrency)}
          <button type="button" class="small" onClick={() => location.reload()}>
            {texts.reload}
          </button>
          <button type="button" class="small" onClick={() => (state.canIsolate.value = false)}>
            {texts.dismiss}
          </button>
        </p>
      )}
      {state.hasNewVersion.value && (
        <p class="notice">
          {texts.newVersion}
          <button type="button" class="small" onClick={() => actions.update()}>
            {texts.update}
          </button>
        </p>
      )}
    </div>
  );
}
