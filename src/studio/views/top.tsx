import { useState } from "preact/hooks";
import { duration, whole } from "../../base/format.ts";
import { actions } from "../actions.ts";
import { state } from "../state.ts";
import { texts } from "../texts.ts";

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
        <CopyLink />
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

/** Copies a link with recipe and settings. Data of one's own are not in links, so there is none of them. */
function CopyLink() {
  const [isCopied, setCopied] = useState(false);
  if (state.data.value?.source !== "letters" || state.data.value.edits.isEdited) return null;
  const copy = async () => {
    const link = actions.linkHere();
    history.replaceState(null, "", link);
    await navigator.clipboard?.writeText(link).catch(() => {}); // the address bar has it
    setCopied(true);
    setTimeout(() => setCopied(false), 2000);
  };
  return (
    <button type="button" onClick={copy}>
      {isCopied ? texts.copied : texts.copyLink}
    </button>
  );
}
