import { percent } from "../../../base/format.ts";
import { Bar } from "../../../report/components/bar.tsx";
import type { ImageFacts } from "../../browsing.ts";
import type { Decision } from "../../edits.ts";
import { state } from "../../state.ts";
import { texts } from "../../texts.ts";
import { ImagePixels } from "../canvas.tsx";
import { describeNote, nameOfClass } from "./describeImage.ts";

interface PictureDetailProps {
  readonly facts: ImageFacts;
  /** The number of images that a decision is about. */
  readonly count: number;
  readonly onDecide: (decision: Decision | null) => void;
  readonly onJump: (row: number) => void;
  readonly onClose: () => void;
}

/** One image, larger: what is known about it, and what to do with it. */
export function PictureDetail({ facts, count, onDecide, onJump, onClose }: PictureDetailProps) {
  const { row, label, given, split, decision, name, image, copies, suspicion } = facts;
  const t = texts.browse;
  return (
    <aside class="detail" aria-label={t.detail}>
      <div class="picture">
        <ImagePixels image={image} label={describeNote(facts)} />
        <button type="button" class="small close" aria-label={t.closeDetail} title={t.closeDetail} onClick={onClose}>
          ✕
        </button>
      </div>
      <p class="image-name" title={name}>
        {name ?? t.row(row + 1)}
      </p>
      <dl class="about small">
        <dt>{t.class}</dt>
        <dd>
          {label < 0 ? t.leftOut(nameOfClass(given)) : nameOfClass(label)}
          {label >= 0 && label !== given && <span class="soft"> {t.was(nameOfClass(given))}</span>}
        </dd>
        {split && (
          <>
            <dt>{t.split}</dt>
            <dd>{t.splits[split]}</dd>
          </>
        )}
        {copies.length > 0 && (
          <>
            <dt>{t.copies}</dt>
            <dd>
              {copies.slice(0, 8).map((other) => (
                <button key={other} type="button" class="link" onClick={() => onJump(other)}>
                  {t.row(other + 1)}
                </button>
              ))}
              {copies.length > 8 && ` +${copies.length - 8}`}
            </dd>
          </>
        )}
      </dl>
      {suspicion && (
        <>
          <p class="small">{t.suspicions[suspicion.kind]}</p>
          <dl class="odds">
            {suspicion.probable.map(({ label: one, probability }) => {
              const kind = one === given ? "label" : one === suspicion.suggested ? "suggested" : "";
              return (
                <>
                  <dt class={kind}>{nameOfClass(one)}</dt>
                  <dd>
                    <Bar class={kind} pieces={[{ share: probability }]} />
                    <span class="number">{percent(probability)} %</span>
                  </dd>
                </>
              );
            })}
          </dl>
        </>
      )}
      {count > 1 && <p class="small">{t.several(String(count))}</p>}
      <div class="decisions">
        <Choice is={decision?.action === "keep"} keys="K" onClick={() => onDecide({ action: "keep" })}>
          {t.keep}
        </Choice>
        <Choice is={decision?.action === "drop"} keys="D" onClick={() => onDecide({ action: "drop" })}>
          {t.drop}
        </Choice>
        {suspicion && suspicion.suggested !== given && (
          <Choice
            is={decision?.action === "relabel" && decision.to === suspicion.suggested}
            keys="R"
            onClick={() => onDecide({ action: "relabel", to: suspicion.suggested })}
          >
            {t.relabelTo(nameOfClass(suspicion.suggested))}
          </Choice>
        )}
        <label class="field">
          <span>{t.relabel}</span>
          <select
            value={decision?.action === "relabel" ? decision.to : ""}
            onChange={({ currentTarget: { value } }) => {
              if (value !== "") onDecide({ action: "relabel", to: Number(value) });
            }}
          >
            <option value="">–</option>
            {state.data.value?.classes.map((one) => (
              <option value={one.label}>{one.name}</option>
            ))}
          </select>
        </label>
        {decision && (
          <Choice is={false} keys="N" onClick={() => onDecide(null)}>
            {t.undecide}
          </Choice>
        )}
      </div>
    </aside>
  );
}

interface ChoiceProps {
  readonly is: boolean;
  readonly keys: string;
  readonly onClick: () => void;
  readonly children: string;
}

/** A decision, and the key for it. */
const Choice = ({ is, keys, onClick, children }: ChoiceProps) => (
  <button type="button" class="small" aria-pressed={is} aria-keyshortcuts={keys} onClick={onClick}>
    {children} <kbd>{keys}</kbd>
  </button>
);
