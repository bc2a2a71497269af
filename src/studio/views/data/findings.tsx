import { duration, percent, whole } from "../../../base/format.ts";
import type { ImageKind } from "../../browsing.ts";
import { dataActions } from "../../dataActions.ts";
import { state } from "../../state.ts";
import { texts } from "../../texts.ts";

/** What is wrong with the data, each with a way to the images, and a check of the labels. */
export function Findings() {
  const [division, check] = [state.division.value, state.check.value];
  const t = texts.check;
  if (!division) return null;
  const wrong = check?.state === "done" ? check.suspects.labelError : 0;
  return (
    <>
      {wrong > 0 && <Finding kind="suspects" text={t.wrong(whole(wrong))} />}
      {division.leaks > 0 && <Finding kind="leaks" text={t.leaks(whole(division.leaks))} />}
      {division.copies > 0 && <Finding kind="copies" text={t.copies(whole(division.copies))} />}
      {check?.state === "running" ? (
        <div class="checking">
          <progress class="bar-line" aria-label={t.running} max={1} value={check.share} />
          <p class="soft small stored" role="status">
            <span>
              {t.running} {percent(check.share)} %
              {check.secondsLeft !== undefined && `, ${texts.left(duration(check.secondsLeft))}`}
            </span>
            <button type="button" class="small" onClick={() => dataActions.stop()}>
              {texts.cancel}
            </button>
          </p>
        </div>
      ) : (
        <p class="soft small stored">
          <span>{check && wrong === 0 ? t.none : t.what}</span>
          <span class="checks">
            <button type="button" class="small" onClick={() => dataActions.check(false)}>
              {check ? t.again : t.start}
            </button>
            <button type="button" class="small" onClick={() => dataActions.check(true)}>
              {t.startOwn}
            </button>
          </span>
        </p>
      )}
    </>
  );
}

const Finding = ({ kind, text }: { readonly kind: ImageKind; readonly text: string }) => (
  <p class="note-box small">
    {text}{" "}
    <button type="button" class="link" onClick={() => dataActions.browse({ kind })}>
      {texts.check.look}
    </button>
  </p>
);
