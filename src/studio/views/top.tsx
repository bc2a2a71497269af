import { duration, whole } from "../../base/format.ts";
import { state } from "../state.ts";
import { texts } from "../texts.ts";
import { CopyLink } from "./copyLink.tsx";
import { MainButton } from "./mainButton.tsx";

/** The name, what is going on, and what is always at hand. */
export function Top() {
  const activity = state.activity.value;
  const isLoading = state.about.value === undefined || state.busy.value !== undefined;
  return (
    <header class="top">
      <h1>
        <svg viewBox="0 0 24 24" fill="currentColor" aria-hidden="true">
          <path d="M12 1.5c4 5.4 7 8.6 7 13a7 7 0 1 1-14 0c0-4.4 3-7.6 7-13z" />
        </svg>
        <span>{texts.name}</span>
      </h1>
      <p class="status">
        <i class={`dot ${isLoading ? "preparing" : activity}`} aria-hidden="true" />
        <b role="status">{isLoading ? (state.busy.value ?? texts.loading) : texts.activity[activity]}</b>
        <Numbers />
        <span class="wide">{texts.stays}</span>
      </p>
      <div class="actions">
        <CopyLink class="wide" />
        <MainButton class="narrow" />
      </div>
    </header>
  );
}

/** How far the training is, and how fast. */
function Numbers() {
  const progress = state.progress.value;
  const threads = state.network.value?.threads;
  if (!progress) return null;
  return (
    <>
      <span>{texts.step(whole(progress.step), whole(progress.steps))}</span>
      {progress.imagesPerSecond > 0 && (
        <span class="wide">
          {(state.connection.value === "server" ? texts.rateHere : texts.rate)(whole(progress.imagesPerSecond))}
          {threads !== undefined && `, ${texts.threads(threads)}`}
        </span>
      )}
      {state.activity.value === "training" && progress.secondsLeft >= 1 && (
        <span class="wide">{texts.left(duration(progress.secondsLeft))}</span>
      )}
    </>
  );
}
