import { whole } from "../../base/format.ts";
import { Bar } from "../../report/components/bar.tsx";
import { dataActions } from "../dataActions.ts";
import { state } from "../state.ts";
import { texts } from "../texts.ts";
import { ClassList } from "./data/classList.tsx";
import { Findings } from "./data/findings.tsx";
import { Section } from "./section.tsx";

/** The data: where to drop them, their classes with images, how they are divided, and what was changed. */
export function DataPanel() {
  const data = state.data.value;
  const note = data && texts.images(whole(data.images), whole(data.classes.length));
  return (
    <Section id="data" title={texts.data} note={note}>
      <DropZone />
      <Opening />
      <ClassList />
      {data && data.images > 0 && (
        <button type="button" class="small across" onClick={() => dataActions.browse({ kind: "all" })}>
          {texts.browse.lookAtAll}
        </button>
      )}
      <Divided />
      {data && data.images > 0 && <TestSet />}
      <Findings />
      <Edited />
      {data?.reading && data.source !== "letters" && <p class="soft small sentence">{data.reading}</p>}
      {data && data.skipped.length > 0 && (
        <details class="small">
          <summary>{texts.skipped(whole(data.skipped.length))}</summary>
          <ul class="list">
            {data.skipped.slice(0, 100).map(({ name, reason }) => (
              <li>
                {name}: {reason}
              </li>
            ))}
          </ul>
        </details>
      )}
    </Section>
  );
}

function DropZone() {
  const chosen = (event: Event) => {
    const input = event.currentTarget as HTMLInputElement;
    if (input.files?.length) void dataActions.openChosen(input.files, texts.opening).then(() => (input.value = ""));
  };
  return (
    <div class="drop">
      <b>{texts.drop}</b>
      <span class="small soft">{texts.dropHow}</span>
      <span class="choices">
        <label class="button">
          {texts.chooseFiles}
          <input type="file" multiple onChange={chosen} />
        </label>
        <label class="button">
          {texts.chooseFolder}
          <input type="file" {...{ webkitdirectory: true }} onChange={chosen} />
        </label>
        <button type="button" onClick={() => dataActions.openNew(texts.classes.newData, texts.classes.newClasses)}>
          {texts.classes.startEmpty}
        </button>
        {state.data.value?.source !== "letters" && (
          <button type="button" onClick={() => dataActions.openLetters(texts.opening)}>
            {texts.letters}
          </button>
        )}
      </span>
    </div>
  );
}

/** How far the files are that are being opened, and a way to stop. */
function Opening() {
  const opening = state.opening.value;
  if (!opening || state.busy.value === undefined) return null;
  const { images, bytes, totalBytes, seconds } = opening;
  const rate = images > 0 ? whole(images / seconds) : undefined;
  return (
    <div>
      <progress
        class="bar-line"
        aria-label={texts.opening}
        max={1}
        {...(totalBytes && { value: Math.min(1, bytes / totalBytes) })}
      />
      <p class="soft small stored" role="status">
        <span>{texts.opened(whole(images), (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0), rate)}</span>
        <button type="button" class="small" onClick={() => dataActions.stop()}>
          {texts.cancel}
        </button>
      </p>
    </div>
  );
}

/** How the images are divided, as a bar and in numbers. */
function Divided() {
  const division = state.division.value;
  const reason = state.undivided.value;
  if (state.data.value?.images === 0) return <p class="soft small">{texts.classes.addSome}</p>;
  if (reason !== undefined) return <p class="note-box small">{reason}</p>;
  if (!division) return null;
  const { training, validation, test, warnings } = division;
  const parts = Object.entries({ training, validation, test });
  const all = training + validation + test || 1;
  return (
    <>
      <Bar pieces={parts.map(([name, images]) => ({ share: images / all, class: name }))} />
      <dl class="division" aria-label={texts.division}>
        {parts.map(([name, images]) => (
          <div key={name}>
            <dt class="key small soft">
              <span class={name}>{texts.browse.splits[name as keyof typeof texts.browse.splits]}</span>
            </dt>
            <dd>{whole(images)}</dd>
          </div>
        ))}
      </dl>
      {warnings.map((warning) => (
        <p class="note-box small sentence">{warning}</p>
      ))}
    </>
  );
}

/** Other data, whose images all are test images. */
function TestSet() {
  return (
    <p class="soft small stored">
      <span>{texts.testSet}</span>
      <label class="button">
        {texts.addTestSet}
        <input
          type="file"
          multiple
          disabled={state.busy.value !== undefined}
          onChange={({ currentTarget }) => {
            if (currentTarget.files?.length)
              void dataActions.openTest(currentTarget.files, texts.opening).then(() => (currentTarget.value = ""));
          }}
        />
      </label>
    </p>
  );
}

/** What was changed, with ways back, and the data to take along. */
function Edited() {
  const data = state.data.value;
  if (!data) return null;
  const { isEdited, decided, added, leftOut, canUndo, canRedo } = data.edits;
  const t = texts.classes;
  const isBusy = state.busy.value !== undefined;
  return (
    <>
      {(isEdited || decided > 0) && (
        <p class="soft small">
          {[t.edited(whole(decided), whole(added), whole(leftOut)), ...(isEdited ? [t.editedHow] : [])]
            .filter((text) => text !== "")
            .join(". ")}
        </p>
      )}
      {(canUndo || canRedo || decided > 0 || data.source !== "letters") && (
        <div class="choices">
          {(canUndo || canRedo) && (
            <>
              <button type="button" disabled={!canUndo} onClick={() => dataActions.undo()}>
                {t.undo}
              </button>
              <button type="button" disabled={!canRedo} onClick={() => dataActions.redo()}>
                {t.redo}
              </button>
            </>
          )}
          {decided > 0 && (
            <button type="button" disabled={isBusy} onClick={() => dataActions.saveFixes(t.saveFixes)}>
              {t.saveFixes}
            </button>
          )}
          <button type="button" disabled={isBusy || data.images === 0} onClick={() => dataActions.saveData(t.saveData)}>
            {t.saveData}
          </button>
        </div>
      )}
    </>
  );
}
