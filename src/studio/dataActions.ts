import type { Picture } from "../image/picture.ts";
import { entriesOf, filesOf } from "../sources/files.ts";
import type { ImageFilter } from "./browsing.ts";
import type { Step } from "./edits.ts";
import { actions, attempt, chosenFiles, keepForGood, state, workbench } from "./store.ts";

/** What the user had in the hand before looking at images, to go back to. */
let before: HTMLElement | undefined;

/** What the user can do with data. */
export const dataActions = {
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
  check: () => attempt(workbench.check()),
  saveData: (busy: string) => actions.take(workbench.saveData(), busy),
  saveFixes: (busy: string) => actions.take(workbench.saveFixes(), busy),
};
