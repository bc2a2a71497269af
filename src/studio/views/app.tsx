import { useEffect } from "preact/hooks";
import { noPictures, PicturesContext, Strips } from "../../report/components/pictures.tsx";
import { actions } from "../actions.ts";
import { dataActions } from "../dataActions.ts";
import { state } from "../state.ts";
import { texts } from "../texts.ts";
import { BrowseView } from "./data/browseView.tsx";
import { DataPanel } from "./dataPanel.tsx";
import { Forget } from "./forget.tsx";
import { lazy } from "./lazy.tsx";
import { MachineView, Notices } from "./machineView.tsx";
import { NetworkView } from "./networkView.tsx";
import { Section } from "./section.tsx";
import { ShipView } from "./shipView.tsx";
import { Top } from "./top.tsx";
import { TrainView } from "./trainView.tsx";
import { TryView } from "./tryView.tsx";

/** Charts and tables come with the first training. */
const Details = lazy(async () => (await import("./details.tsx")).Details);

/** The studio: data, network and training, try and ship; side by side, or below one another on a phone. */
export function App() {
  useEffect(listenToDrops, []);
  const pictures = state.tested.value?.pictures;
  const isBrowsing = state.browsing.value !== undefined;
  return (
    <PicturesContext value={pictures ?? noPictures}>
      <Top />
      <Notices />
      <Problem />
      <main class={`studio ${isBrowsing ? "browsing" : ""}`}>
        <div class="column data">
          <DataPanel />
          <MachineView />
        </div>
        {isBrowsing && <BrowseView />}
        <div class="column train" hidden={isBrowsing}>
          <Section id="training" title={texts.train}>
            <TrainView />
            <NetworkView />
          </Section>
        </div>
        <div class="column try" hidden={isBrowsing}>
          <TryView />
          <ShipView />
        </div>
        <div class="column details" hidden={isBrowsing}>
          {(state.network.value || state.runs.value.length > 0) && <Details />}
        </div>
      </main>
      {pictures && <Strips {...pictures} />}
    </PicturesContext>
  );
}

/** What went wrong last. */
function Problem() {
  const problem = state.problem.value;
  return (
    <div role="alert">
      {problem !== undefined && (
        <p class="problem">
          <span>{problem}</span>
          {state.isStorageFull.value && (
            <>
              <button type="button" class="small" onClick={() => dataActions.saveData(texts.classes.saveData)}>
                {texts.classes.saveData}
              </button>
              <Forget />
            </>
          )}
          <button type="button" class="small" onClick={() => (state.problem.value = undefined)}>
            {texts.dismiss}
          </button>
        </p>
      )}
    </div>
  );
}

/** A picture that is dropped where one tries is tried, and on a class, added to it; everything else is data, or a run. */
function listenToDrops(): () => void {
  let marked: Element | null = null;
  const mark = (target: Element | null) => {
    marked?.classList.remove("over");
    marked = target;
    marked?.classList.add("over");
  };
  const over = (event: DragEvent) => {
    event.preventDefault();
    mark((event.target as Element).closest("[data-label], .drop, #try"));
  };
  const leave = (event: DragEvent) => event.relatedTarget === null && mark(null);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    mark(null);
    const dropped = event.dataTransfer!;
    const files = [...dropped.files];
    const [file] = files;
    const target = event.target as Element;
    const label = target.closest<HTMLElement>("[data-label]")?.dataset["label"];
    const isTried = target.closest("#try") !== null;
    if (label !== undefined) void dataActions.addDropped(Number(label), dropped, texts.classes.adding);
    else if (isTried && file?.type.startsWith("image/")) void actions.look(file);
    else if (files.length > 0 && files.every(({ type }) => type.startsWith("image/")))
      state.problem.value = texts.classes.whereTo;
    else void dataActions.openDropped(dropped, texts.opening);
  };
  document.addEventListener("dragover", over);
  document.addEventListener("dragleave", leave);
  document.addEventListener("drop", drop);
  return () => {
    document.removeEventListener("dragover", over);
    document.removeEventListener("dragleave", leave);
    document.removeEventListener("drop", drop);
  };
}
