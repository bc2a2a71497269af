import { actions } from "../actions.ts";
import { state } from "../state.ts";
import { texts } from "../texts.ts";

/** Whether a training can start: the data are there, and can be divided. */
export const isReady = (): boolean =>
  state.about.value !== undefined &&
  (state.data.value?.images ?? 0) > 0 &&
  state.undivided.value === undefined &&
  state.busy.value === undefined;

/** Starts, pauses and goes on. */
export function MainButton({ class: kind = "" }: { readonly class?: string }) {
  const activity = state.activity.value;
  const main = {
    idle: [texts.train, actions.start],
    preparing: [texts.train, actions.start],
    training: [texts.pause, actions.pause],
    paused: [texts.goOn, actions.resume],
    trained: [texts.trainAgain, actions.start],
    followed: [texts.unfollow, actions.reset],
  } as const;
  const [label, act] = main[activity];
  return (
    <button
      type="button"
      class={`main ${kind}`}
      disabled={!isReady() || activity === "preparing"}
      onClick={() => void act()}
    >
      {label}
    </button>
  );
}
