import { actions } from "../actions.ts";
import { hasWeights, state } from "../state.ts";
import { texts } from "../texts.ts";
import { exportForms } from "../workbench.ts";
import { CopyLink } from "./copyLink.tsx";
import { Forget } from "./forget.tsx";
import { Section } from "./section.tsx";

/** Everything that can be taken along: exported forms, the run, and the weights' checksum. */
export function ShipView() {
  return (
    <Section id="ship" title={texts.ship} actions={<CopyLink class="narrow" />}>
      {hasWeights.value ? <Forms /> : <p class="soft small">{texts.shipEmpty}</p>}
      <Weights />
      <Stored />
    </Section>
  );
}

function Forms() {
  const taken = state.taken.value;
  const isBusy = state.busy.value !== undefined;
  return (
    <>
      <div class="forms">
        {exportForms.map((form) => {
          const [name, what] = texts.forms[form];
          return (
            <button type="button" disabled={isBusy} onClick={() => actions.export(form, name)}>
              {name}
              <span class="soft small">{what}</span>
            </button>
          );
        })}
        <button type="button" disabled={isBusy} onClick={() => actions.saveRun(texts.run[0])}>
          {texts.run[0]}
          <span class="soft small">{texts.run[1]}</span>
        </button>
      </div>
      <p class="small" role="status">
        {taken && `${taken.name}${taken.check ? `: ${taken.check}` : ""}`}
      </p>
      <p class="soft small">{texts.terminal}</p>
      <p class="command">
        <code>{texts.command(`${state.data.value?.fileName}.run`)}</code>
      </p>
    </>
  );
}

/** The SHA-256 of the weights, and whether it is that of the link. */
function Weights() {
  const sha256 = state.result.value?.weightsSha256;
  const wanted = state.link.value?.weights;
  if (sha256 === undefined) return null;
  return (
    <p class="hash small">
      {texts.weights} <span id="weights">{sha256}</span>
      {wanted !== undefined && (
        <b class={sha256 === wanted ? "" : "warn"}> {sha256 === wanted ? texts.sameAsLink : texts.otherThanLink}</b>
      )}
    </p>
  );
}

const bytes = (count: number): string =>
  count >= 1e9 ? `${(count / 1e9).toFixed(1)} GB` : `${(count / 1e6).toFixed(count < 1e7 ? 1 : 0)} MB`;

/** What the browser keeps, and a way to delete it. */
function Stored() {
  const [storage, isPersistent] = [state.storage.value, state.isPersistent.value];
  if (storage?.isElsewhere) return <p class="note-box small">{texts.storedElsewhere}</p>;
  if (!storage || storage.quota === 0) return null;
  return (
    <p class="soft small stored">
      <span>
        {texts.storage(bytes(storage.used), bytes(storage.quota))}
        {isPersistent !== undefined && `, ${isPersistent ? texts.persistent : texts.notPersistent}`}
      </span>
      <Forget />
    </p>
  );
}
