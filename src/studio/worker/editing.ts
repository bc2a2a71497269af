import { InklingError } from "../../base/error.ts";
import { classNameOf } from "../../datasets/classNames.ts";
import type { Decision, Edit, Step } from "../edits.ts";

/** A class while data are edited. */
interface EditedClass {
  readonly name: string;
  /** The class that its images belong to: itself, or the one that it was merged into; undefined if it was deleted. */
  readonly is: number | undefined;
}

/** A picture that was added. */
interface AddedPicture {
  readonly label: number;
  readonly name: string;
}

/** What edits come to. */
export interface EditState {
  readonly decisions: ReadonlyMap<number, Decision>;
  readonly classes: readonly EditedClass[];
  /** By number. */
  readonly added: ReadonlyMap<number, AddedPicture>;
}

/** The history of edits as it is stored. */
interface StoredHistory {
  readonly formatVersion: 1;
  readonly steps: readonly Step[];
  /** How many of the steps are made; the others were undone. */
  readonly made: number;
}

/** The edits of a data set, which can be undone and made again. */
export class Editing {
  /** The names of the classes of the source. */
  readonly #classNames: readonly string[];
  #steps: Step[] = [];
  #made = 0;
  #state: EditState;

  constructor(classNames: readonly string[]) {
    this.#classNames = classNames;
    this.#state = this.#replay();
  }

  get state(): EditState {
    return this.#state;
  }

  get canUndo(): boolean {
    return this.#made > 0;
  }

  get canRedo(): boolean {
    return this.#made < this.#steps.length;
  }

  /** The first picture and the number of pictures of each edit that adds some, undone or not. */
  get additions(): readonly { readonly first: number; readonly count: number }[] {
    return this.#steps
      .flat()
      .flatMap((edit) => (edit.type === "add" ? [{ first: edit.first, count: edit.names.length }] : []));
  }

  /** Makes a step; those that were undone are forgotten. Throws `INVALID_ARGUMENT` for an edit that is not possible. */
  make(step: Step): void {
    const state = step.reduce(edited, this.#state);
    this.#steps = [...this.#steps.slice(0, this.#made), step];
    this.#made++;
    this.#state = state;
  }

  undo(): void {
    if (!this.canUndo) return;
    this.#made--;
    this.#state = this.#replay();
  }

  redo(): void {
    if (!this.canRedo) return;
    this.#state = this.#steps[this.#made++]!.reduce(edited, this.#state);
  }

  /** The text of the history. */
  format(): string {
    const stored: StoredHistory = { formatVersion: 1, steps: this.#steps, made: this.#made };
    return JSON.stringify(stored);
  }

  /** Takes over a history that `format` wrote for the same data. Throws `INVALID_DATA` if it is not one. */
  restore(text: string): void {
    try {
      const { formatVersion, steps, made } = JSON.parse(text) as StoredHistory;
      if (formatVersion !== 1) throw new Error(`the format version is ${formatVersion}`);
      [this.#steps, this.#made] = [[...steps], made];
      this.#state = this.#replay();
    } catch (cause) {
      [this.#steps, this.#made] = [[], 0];
      throw new InklingError("INVALID_DATA", "the stored edits are damaged, and were left out", { cause });
    }
  }

  #replay(): EditState {
    const classes = this.#classNames.map((name, label) => ({ name, is: label }));
    const start: EditState = { decisions: new Map(), classes, added: new Map() };
    return this.#steps.slice(0, this.#made).flat().reduce(edited, start);
  }
}

const impossible = (message: string) => new InklingError("INVALID_ARGUMENT", message);

/** What a state becomes by an edit. */
function edited(state: EditState, edit: Edit): EditState {
  const { decisions, classes, added } = state;
  switch (edit.type) {
    case "decide": {
      const { rows, decision } = edit;
      if (decision?.action === "relabel") present(classes, decision.to);
      const changed = new Map(decisions);
      for (const row of rows)
        if (decision) changed.set(row, decision);
        else changed.delete(row);
      return { ...state, decisions: changed };
    }
    case "newClass": {
      const name = newName(classes, edit.name);
      return { ...state, classes: [...classes, { name, is: classes.length }] };
    }
    case "rename": {
      const { label } = edit;
      const name = newName(classes, edit.name, present(classes, label));
      return { ...state, classes: classes.with(label, { name, is: label }) };
    }
    case "merge": {
      const [label, into] = [present(classes, edit.label), present(classes, edit.into)];
      if (label === into) throw impossible(`${classes[label]!.name} cannot be merged into itself`);
      return { ...state, classes: moved(classes, label, into) };
    }
    case "delete":
      return { ...state, classes: moved(classes, present(classes, edit.label), undefined) };
    case "add": {
      const label = present(classes, edit.label);
      const more = edit.names.map((name, i) => [edit.first + i, { label, name }] as const);
      return { ...state, added: new Map([...added, ...more]) };
    }
  }
}

/** The classes, with the images of one elsewhere. */
const moved = (classes: readonly EditedClass[], label: number, to: number | undefined): readonly EditedClass[] =>
  classes.map(({ name, is }) => ({ name, is: is === label ? to : is }));

/** Throws unless there is a class of this number. */
function present(classes: readonly EditedClass[], label: number): number {
  if (classes[label]?.is === label) return label;
  throw impossible(`there is no class ${classes[label]?.name ?? label} any more`);
}

/** A name in the one spelling of class names. Throws if it is empty or that of another class. */
function newName(classes: readonly EditedClass[], given: string, own?: number): string {
  const name = classNameOf(given);
  if (name.trim() === "") throw impossible("a class needs a name");
  if (classes.some((other, label) => other.is === label && label !== own && other.name === name))
    throw impossible(`there is a class ${name} already; merge the two instead`);
  return name;
}
