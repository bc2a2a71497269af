import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { whole } from "../../../base/format.ts";
import { workbench } from "../../ask.ts";
import type { ImageFacts, ImageKind } from "../../browsing.ts";
import { imageKinds } from "../../browsing.ts";
import { dataActions } from "../../dataActions.ts";
import type { Decision } from "../../edits.ts";
import { state } from "../../state.ts";
import { texts } from "../../texts.ts";
import { Section } from "../section.tsx";
import { ImageGrid, type Selection } from "./imageGrid.tsx";
import { PictureDetail } from "./pictureDetail.tsx";

const START: Selection = { active: 0, anchor: 0 };
const splits = ["training", "validation", "test"] as const;

/** All images of the data: filtered, looked at one by one, and decided about. */
export function BrowseView() {
  const filter = state.browsing.value!;
  const rows = useRows();
  const [selection, setSelection] = useState(START);
  const [isOpen, setOpen] = useState(filter.kind !== "all");
  const section = useRef<HTMLDivElement>(null);
  const focusGrid = () => section.current?.querySelector<HTMLElement>(".image-grid")?.focus();
  useEffect(focusGrid, [rows === undefined]);
  useEffect(() => setSelection(START), [filter]);
  const active = rows?.[selection.active];
  const facts = useFacts(active, isOpen);

  const chosen = (): readonly number[] => {
    const [from, to] = [selection.active, selection.anchor].sort((a, b) => a - b) as [number, number];
    return [...(rows?.subarray(from, to + 1) ?? [])];
  };
  const decide = (decision: Decision | null) => {
    void dataActions.edit([{ type: "decide", rows: chosen(), decision }]);
    if (filter.kind !== "suspects" || selection.active !== selection.anchor) return;
    const next = Math.min(selection.active + 1, (rows?.length ?? 1) - 1);
    setSelection({ active: next, anchor: next });
  };
  const jump = (row: number) => {
    const place = rows?.indexOf(row) ?? -1;
    if (place >= 0) setSelection({ active: place, anchor: place });
    else dataActions.browse({ kind: "copies" });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (/^(INPUT|SELECT|TEXTAREA)$/.test((event.target as Element).tagName)) return;
    const isCommand = event.ctrlKey || event.metaKey;
    const key = event.key.toLowerCase();
    const suggested = facts?.suspicion?.suggested;
    if (isCommand && key === "z") void (event.shiftKey ? dataActions.redo() : dataActions.undo());
    else if (isCommand && key === "y") void dataActions.redo();
    else if (isCommand || event.altKey || !section.current?.contains(event.target as Node)) return;
    else if (key === "escape") {
      if (isOpen) setOpen(false);
      else dataActions.closeBrowser();
    } else if (active === undefined) return;
    else if (key === "k") decide({ action: "keep" });
    else if (key === "d" || key === "delete") decide({ action: "drop" });
    else if (key === "n") decide(null);
    else if (key === "r" && suggested !== undefined) decide({ action: "relabel", to: suggested });
    else if (key === "r") {
      setOpen(true);
      setTimeout(() => section.current?.querySelector<HTMLElement>(".detail select")?.focus());
    } else return;
    event.preventDefault();
  };

  useLayoutEffect(() => {
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  });

  return (
    <div ref={section} class="browse">
      <Section
        id="images"
        title={texts.browse.title}
        note={rows && texts.browse.count(whole(rows.length))}
        actions={
          <button type="button" class="small" onClick={() => dataActions.closeBrowser()}>
            {texts.browse.close}
          </button>
        }
      >
        <Filters />
        {rows?.length === 0 ? (
          <p class="soft">{texts.browse.empty[filter.kind]}</p>
        ) : (
          <div class={`browsed ${isOpen ? "with-detail" : ""}`}>
            {rows && (
              <ImageGrid rows={rows} selection={selection} onSelect={setSelection} onOpen={() => setOpen(true)} />
            )}
            {isOpen && facts && (
              <PictureDetail
                facts={facts}
                count={chosen().length}
                onDecide={decide}
                onJump={jump}
                onClose={() => {
                  setOpen(false);
                  focusGrid();
                }}
              />
            )}
          </div>
        )}
        <p class="soft small keys">{texts.browse.keys}</p>
      </Section>
    </div>
  );
}

/** The rows that the filter lists. Decisions leave the list as it is, so that one can go on, and back. */
function useRows(): Uint32Array | undefined {
  const [rows, setRows] = useState<Uint32Array>();
  const filter = state.browsing.value!;
  const data = state.data.value;
  const needsSplit = filter.split !== undefined || filter.kind === "leaks";
  useEffect(() => {
    let isCurrent = true;
    workbench.rows(filter).then(
      (found) => isCurrent && setRows(found),
      () => isCurrent && setRows(new Uint32Array()),
    );
    return () => {
      isCurrent = false;
    };
  }, [
    filter,
    data?.source,
    data?.edits.added,
    data?.classes.map(({ label }) => label).join(),
    needsSplit && state.division.value,
    state.check.value?.state,
  ]);
  return rows;
}

/** What is known about the image of a row, and the image itself. */
function useFacts(row: number | undefined, isWanted: boolean): ImageFacts | undefined {
  const [facts, setFacts] = useState<ImageFacts>();
  useEffect(() => {
    if (row === undefined || !isWanted) return;
    let isCurrent = true;
    workbench.facts(row).then(
      (found) => isCurrent && setFacts(found),
      () => isCurrent && setFacts(undefined),
    );
    return () => {
      isCurrent = false;
    };
  }, [row, isWanted, state.dataVersion.value]);
  return facts?.row === row ? facts : undefined;
}

/** Which images are listed, and what can be done with all that was decided. */
function Filters() {
  const filter = state.browsing.value!;
  const data = state.data.value;
  const counts = useCounts();
  const { kind, label, split } = filter;
  return (
    <div class="controls">
      <label class="field">
        <span>{texts.browse.show}</span>
        <select
          value={kind}
          onChange={({ currentTarget }) => dataActions.browse({ ...filter, kind: currentTarget.value as ImageKind })}
        >
          {imageKinds.map((one) => (
            <option value={one}>
              {texts.browse.kinds[one]}
              {counts[one] === undefined ? "" : ` (${whole(counts[one])})`}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        <span>{texts.browse.class}</span>
        <select
          value={label ?? ""}
          onChange={({ currentTarget: { value } }) => {
            const { label: _, ...rest } = filter;
            dataActions.browse(value === "" ? rest : { ...rest, label: Number(value) });
          }}
        >
          <option value="">{texts.browse.any}</option>
          {data?.classes.map((one) => (
            <option value={one.label}>{one.name}</option>
          ))}
        </select>
      </label>
      <label class="field">
        <span>{texts.browse.split}</span>
        <select
          value={split ?? ""}
          onChange={({ currentTarget: { value } }) => {
            const { split: _, ...rest } = filter;
            const chosen = splits.find((name) => name === value);
            dataActions.browse(chosen ? { ...rest, split: chosen } : rest);
          }}
        >
          <option value="">{texts.browse.any}</option>
          {splits.map((name) => (
            <option value={name}>{texts.browse.splits[name]}</option>
          ))}
        </select>
      </label>
    </div>
  );
}

/** How many images each choice lists, if known. */
function useCounts(): Readonly<Partial<Record<ImageKind, number>>> {
  const [data, division, check] = [state.data.value, state.division.value, state.check.value];
  return {
    ...(data && { all: data.images, decided: data.edits.decided, leftOut: data.edits.leftOut }),
    ...(division && { copies: division.copies, leaks: division.leaks }),
    ...(check?.state === "done" && {
      suspects: check.suspects.labelError + check.suspects.unreadable + check.suspects.ambiguous,
      alike: check.alike,
    }),
  };
}
