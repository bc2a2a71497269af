import type { Picture } from "../image/picture.ts";
import { entriesOf, filesOf } from "../sources/files.ts";
import { attempt, keepForGood, take, workbench } from "./ask.ts";
import type { ImageFilter } from "./browsing.ts";
import type { Step } from "./edits.ts";
import { state } from "./state.ts";

/** Opens files, and shows how far that is. */
async function open(
  files: Promise<ReadonlyMap<string, File>>,
  busy: string,
  openLast: (files: ReadonlyMap<string, File>) => Promise<void> = workbench.openFiles,
): Promise<void> {
  state.openedAt.value = performance.now();
  void keepForGood();
  await attempt(
    files.then((all) => openAll(all, openLast)),
    busy,
  );
  state.opening.value = undefined;
}

/** Files that are handed over at once, which takes a few milliseconds. */
const FILES_AT_ONCE = 250;

async function openAll(
  files: ReadonlyMap<string, File>,
  openLast: (files: ReadonlyMap<string, File>) => Promise<void>,
): Promise<void> {
  const all = [...files];
  while (all.length > FILES_AT_ONCE) await workbench.handOver(new Map(all.splice(-FILES_AT_ONCE)));
  await openLast(new Map(all));
}

/** The files of an `<input>`, by their paths. */
const chosenFiles = (files: FileList): ReadonlyMap<string, File> =>
  new Map(Array.from(files, (file) => [file.webkitRelativePath || file.name, file]));

/** What the user had in the hand before looking at images, to go back to. */
let before: HTMLElement | undefined;

/** What the user can do with data. */
export const dataActions = {
  openLetters: (busy: string) => attempt(workbench.openLetters(), busy),
  openDropped: (dropped: DataTransfer, busy: string) => open(filesOf(entriesOf(dropped)), busy),
  openChosen: (files: FileList, busy: string) => open(Promise.resolve(chosenFiles(files)), busy),
  /** Opens files as the test images of the data that are open. */
  openTest: (files: FileList, busy: string) => open(Promise.resolve(chosenFiles(files)), busy, workbench.openTest),
  openPath: (path: string, busy: string) => attempt(workbench.openPath(path), busy),
  openNew: (name: string, classNames: readonly string[]) => attempt(workbench.openNew(name, classNames)),
  stop: () => attempt(workbench.stop()),
  /** Shows images, instead of the training. */
  browse(filter: ImageFilter): void {
    if (!state.browsing.value) before = document.activeElement as HTMLElement;
    state.browsing.value = filter;
  },
  closeBrowser(): void {
    state.browsing.value = undefined;
    setTimeout(() => before?.focus());
  },
  edit(step: Step): Promise<void> {
    void keepForGood();
    return attempt(workbench.edit(step));
  },
  undo: () => attempt(workbench.undo()),
  redo: () => attempt(workbench.redo()),
  addPictures(label: number, pictures: ReadonlyMap<string, Picture | Blob>, busy?: string): Promise<void> {
    void keepForGood();
    return attempt(workbench.addPictures(label, pictures), busy);
  },
  addChosen: (label: number, files: FileList, busy: string) => dataActions.addPictures(label, chosenFiles(files), busy),
  addDropped: (label: number, dropped: DataTransfer, busy: string) =>
    attempt(
      filesOf(entriesOf(dropped)).then((files) => workbench.addPictures(label, files)),
      busy,
    ),
  addTried: (label: number) => attempt(workbench.addTried(label)),
  /** Checks the labels: with small networks, or with such as the settings say. */
  check: (isOwn: boolean) => attempt(isOwn ? workbench.check(state.settings.value) : workbench.check()),
  saveData: (busy: string) => take(workbench.saveData(), busy),
  saveFixes: (busy: string) => take(workbench.saveFixes(), busy),
};
