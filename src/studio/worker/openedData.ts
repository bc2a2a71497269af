import { allocate } from "../../base/memory.ts";
import type { DuplicateGroup } from "../../datasets/duplicates/exact.ts";
import {
  type AnyDataset,
  bytesPerImage,
  defaultKeepTogether,
  type Fixes,
  findDuplicates,
  type Images,
  learnPreparation,
  type SplitSettings,
} from "../../datasets/index.ts";
import { splitNames } from "../../datasets/splitSizes.ts";
import { countLabels } from "../../datasets/statistics.ts";
import { type Image, imageOf } from "../../image/image.ts";
import type { Picture } from "../../image/picture.ts";
import { preparePicture } from "../../pictures/prepare.ts";
import { defaultRecipe, type Overrides } from "../../training/index.ts";
import type { SourceSpec } from "../../training/spec.ts";
import { TrainingData } from "../../training/trainingData.ts";
import type { ImageFacts, ImageFilter, ImageNote, Suspicion, Tiles } from "../browsing.ts";
import type { DataSummary, Division } from "../dataSummary.ts";
import type { Step } from "../edits.ts";
import { correctionsOf, decisionsBy } from "./corrections.ts";
import { type AllImages, countAll, type EditedDataset, editedDataset, readAll } from "./editedDataset.ts";
import { Editing } from "./editing.ts";
import { tilesOf } from "./tiles.ts";

/** Samples of each class that are shown next to its name. */
const SAMPLES = 12;

/** How the data are divided by some settings. */
interface Divided {
  readonly key: string;
  readonly data: TrainingData;
  /** The place among {@link splitNames} of each image; 255 for those in no split. */
  readonly splitOf: Uint8Array;
  /** Rows in the validation or test split with a copy in a split that is used before. */
  readonly leaks: readonly number[];
}

/** Groups of images with the same pixels. */
interface Copies {
  /** The number of images among which they were looked for. */
  readonly among: number;
  readonly groups: readonly DuplicateGroup[];
  /** Of the images that have copies. */
  readonly groupOf: ReadonlyMap<number, DuplicateGroup>;
}

/** The data that are open, as the user has edited them: what the page shows of them, and how settings divide them. */
export class OpenedData implements AllImages {
  /** As they were opened. */
  readonly source: AnyDataset;
  /** "letters", or the name of what was dropped. */
  readonly name: string;
  readonly editing: Editing;
  readonly pictures: (Uint8Array | undefined)[] = [];
  /** What a check of the labels has found, the most suspicious first. */
  suspicions: readonly Suspicion[] = [];
  /** Groups of images that look the same, as a check has found them. */
  alike: readonly DuplicateGroup[] = [];
  readonly #reportDivision: (division: Division) => void;
  #edited: EditedDataset | undefined;
  #divided: Divided | undefined;
  #copies: Copies | undefined;

  constructor(source: AnyDataset, name: string, reportDivision: (division: Division) => void) {
    this.source = source;
    this.name = name;
    this.editing = new Editing(source.classNames);
    this.#reportDivision = reportDivision;
  }

  /** What files are named after. */
  get fileName(): string {
    const stem = this.name.replace(/\.\w+$/, "").toLowerCase();
    const own = stem.replaceAll(/[^a-z0-9]+/g, "-").replaceAll(/^-|-$/g, "") || "model";
    return this.isEdited ? `${own}-edited` : own;
  }

  /**
   * Where a run says that its data come from: what was opened, and what its pictures were resized to, or the file that edited
   * data are saved as.
   */
  get origin(): SourceSpec {
    if (this.isEdited) return { source: `${this.fileName}.inkling` };
    const { conversion, imageShape } = this.source;
    const isPack = this.name.endsWith(".inkling");
    return {
      source: this.name,
      ...(conversion?.resize && !isPack && { resize: [imageShape[0], imageShape[1]], fit: conversion.resize.fit }),
    };
  }

  /** The data with their edits. */
  get edited(): EditedDataset {
    this.#edited ??= editedDataset(this, this.editing.state, this.name);
    return this.#edited;
  }

  get dataset(): AnyDataset {
    return this.edited.dataset;
  }

  get isEdited(): boolean {
    return this.edited.dataset !== this.source;
  }

  /** Makes edits. What is decided about an image without a name is decided about its copies too, as corrections are. */
  edit(step: Step): void {
    this.#change(() =>
      this.editing.make(
        step.map((edit) => (edit.type === "decide" ? { ...edit, rows: this.#withCopies(edit.rows) } : edit)),
      ),
    );
  }

  undo(): void {
    this.#change(() => this.editing.undo());
  }

  redo(): void {
    this.#change(() => this.editing.redo());
  }

  /** Takes notice of edits that were restored. */
  refresh(): void {
    this.#edited = undefined;
    this.#divided = undefined;
  }

  #change(change: () => void): void {
    change();
    this.refresh();
  }

  #withCopies(rows: readonly number[]): readonly number[] {
    const { names, labels } = this.source;
    if (names) return rows;
    const isCopy = (row: number, other: number) => other < labels.length && labels[other] === labels[row];
    return [...new Set(rows.flatMap((row) => [row, ...this.copiesOf(row).filter((other) => isCopy(row, other))]))];
  }

  /** Makes pictures into images of these data, as they would be for a prediction, and adds them to a class. */
  add(label: number, pictures: readonly { readonly name: string; readonly picture: Picture }[]): void {
    const first = this.pictures.length; // never one that was used, which a training may still read
    const preparation = learnPreparation(this.source);
    const images = pictures.map(({ picture }) => preparePicture(picture, this.source.imageShape, preparation).image);
    this.edit([{ type: "add", label, first, names: pictures.map(({ name }) => name) }]);
    for (const { pixels } of images) this.pictures.push(new Uint8Array(pixels));
  }

  /** What is decided about images, as label corrections for the source. */
  corrections(): Promise<Fixes> {
    return correctionsOf(this.source, this.editing.state.decisions);
  }

  /** The edits that label corrections stand for, and the corrections that match no image of the source. */
  decisionsBy(fixes: Fixes): ReturnType<typeof decisionsBy> {
    return decisionsBy(fixes, this.source);
  }

  /** What the data hold, with samples of each class. */
  summary(): DataSummary {
    const { source, editing } = this;
    const { dataset, rows, classes, classOf } = this.edited;
    const { labels, imageShape, provenance } = dataset;
    const { state } = editing;
    const counts = countLabels(labels, classes.length);
    const samples = classes.map((): number[] => []);
    const seen = new Uint32Array(classes.length);
    const canShow = imageShape[2] === 1 || imageShape[2] === 3;
    for (let i = 0; canShow && i < labels.length; i++) {
      const label = labels[i]!;
      // Spread over the class, since neighbors are often alike.
      if (seen[label]!++ % Math.ceil(counts[label]! / SAMPLES) === 0) samples[label]!.push(rows[i]!);
    }
    const empty = [...state.classes.keys()].filter((k) => state.classes[k]!.is === k && !classes.includes(k));
    const { reading } = provenance;
    const there = source.labels.length + state.added.size;
    return {
      source: this.name,
      fileName: this.fileName,
      recipe: defaultRecipe(this.name),
      images: labels.length,
      imageShape,
      classes: [
        ...classes.map((label, i) => ({
          label,
          name: state.classes[label]!.name,
          images: counts[i]!,
          samples: samples[i]!.map((row) => this.#imageOf(row)),
        })),
        ...empty.map((label) => ({ label, name: state.classes[label]!.name, images: 0, samples: [] })),
      ],
      skipped: dataset.skipped,
      ...(reading !== undefined && { reading }),
      edits: {
        isEdited: this.isEdited,
        decided: state.decisions.size,
        leftOut: classOf.reduce((count, label) => count + (label < 0 ? 1 : 0), there - classOf.length),
        added: state.added.size,
        canUndo: editing.canUndo,
        canRedo: editing.canRedo,
      },
    };
  }

  #imageOf(row: number): Image {
    const pixels = new Uint8Array(bytesPerImage(this.source));
    readAll(this, [row], pixels);
    return imageOf(pixels, this.source.imageShape);
  }

  /** Whether there is an image at a row: not that of a picture whose addition was undone. */
  #isThere(row: number): boolean {
    const own = this.source.labels.length;
    return row < own || this.editing.state.added.has(row - own);
  }

  /** The rows of some images, in an order in which to look at them. */
  rows({ kind, label, split }: ImageFilter): Uint32Array {
    const { classOf } = this.edited;
    const part = split && splitNames.indexOf(split);
    const isShown = (row: number) =>
      (kind === "leftOut" ? classOf[row]! < 0 : kind === "all" ? classOf[row]! >= 0 : true) &&
      (label === undefined || (classOf[row]! < 0 ? this.#given(row) : classOf[row]) === label) &&
      (part === undefined || this.#divided?.splitOf[row] === part);
    return this.#listed(kind).filter((row) => this.#isThere(row) && isShown(row));
  }

  #listed(kind: ImageFilter["kind"]): Uint32Array {
    const { decisions } = this.editing.state;
    switch (kind) {
      case "all":
      case "leftOut":
        return Uint32Array.from({ length: countAll(this) }, (_, row) => row);
      case "copies":
        return Uint32Array.from(this.#copiesLeft().flat());
      case "alike":
        return Uint32Array.from(this.alike.flat());
      case "leaks":
        return Uint32Array.from(this.#divided?.leaks ?? []);
      case "suspects":
        return Uint32Array.from(this.suspicions, ({ row }) => row);
      case "decided":
        return Uint32Array.from(decisions.keys()).sort();
    }
  }

  /** Images to show side by side, at most `side` pixels high and wide. Throws `INVALID_DATA` unless they have 1 or 3 channels. */
  tiles(rows: ArrayLike<number>, side: number): Tiles {
    const pixels = allocate(rows.length * bytesPerImage(this.source), "the images to show", "show fewer at once");
    readAll(this, rows, pixels);
    const suspects = new Set(this.suspicions.map(({ row }) => row));
    const notes = Array.from(rows, (row) => this.#noteOn(row, suspects));
    return { ...tilesOf(pixels, this.source.imageShape, side), notes };
  }

  /** One image. */
  facts(row: number): ImageFacts {
    const suspicion = this.suspicions.find((one) => one.row === row);
    const note = this.#noteOn(row, new Set(suspicion && [row]));
    return { ...note, image: this.#imageOf(row), copies: this.copiesOf(row), ...(suspicion && { suspicion }) };
  }

  #noteOn(row: number, suspects: ReadonlySet<number>): ImageNote {
    const { decisions, added } = this.editing.state;
    const split = splitNames[this.#divided?.splitOf[row] ?? 255];
    const decision = decisions.get(row);
    const name = this.source.names?.[row] ?? added.get(row - this.source.labels.length)?.name;
    return {
      row,
      label: this.edited.classOf[row]!,
      given: this.#given(row),
      ...(split && { split }),
      ...(decision && { decision }),
      ...(name !== undefined && { name }),
      isSuspect: suspects.has(row),
    };
  }

  /** The class that an image has in the source, or was added to. */
  #given(row: number): number {
    const own = this.source.labels;
    return row < own.length ? own[row]! : (this.editing.state.added.get(row - own.length)?.label ?? -1);
  }

  /** Rows of the other images with the same pixels. */
  copiesOf(row: number): readonly number[] {
    const group = this.#copiesAmongAll().groupOf.get(row) ?? [];
    return group.filter((other) => other !== row && this.#isThere(other));
  }

  /** Groups of images with the same pixels, among those that are not left out. */
  #copiesLeft(): readonly DuplicateGroup[] {
    const { classOf } = this.edited;
    return this.#copiesAmongAll()
      .groups.map((group) => group.filter((row) => classOf[row]! >= 0))
      .filter((group) => group.length > 1);
  }

  #copiesAmongAll(): Copies {
    const among = countAll(this);
    if (this.#copies?.among !== among) {
      const groups = findDuplicates([this.all]);
      this.#copies = { among, groups, groupOf: new Map(groups.flatMap((group) => group.map((row) => [row, group]))) };
    }
    return this.#copies;
  }

  /** All images, left out or not. */
  get all(): Images {
    if (this.pictures.length === 0) return this.source;
    const { imageShape } = this.source;
    const labels = new Uint16Array(countAll(this));
    return { imageShape, labels, read: (rows, target) => readAll(this, rows, target) };
  }

  /** What applies where a split does not say it. */
  get #usualSplit(): SplitSettings {
    return { by: this.dataset.parts ? "source" : "seed", keepTogether: defaultKeepTogether(this.dataset) };
  }

  /** The data as the settings divide them, and reports a division that is new. */
  divide({ seed = 1, split = {} }: Overrides = {}): TrainingData {
    const { by, keepTogether, training, validation, test } = { ...this.#usualSplit, ...split };
    const key = JSON.stringify([seed, by, keepTogether, training, validation, test]);
    if (this.#divided?.key === key) return this.#divided.data;
    const { dataset, rows } = this.edited;
    const places = new Int32Array(countAll(this)).fill(-1);
    for (const [place, row] of rows.entries()) places[row] = place;
    const duplicates = this.#copiesLeft().map((group) => group.map((row) => places[row]!));
    const data = new TrainingData(dataset, { duplicates, seed, split });
    const { division } = data;
    const splitOf = new Uint8Array(countAll(this)).fill(255);
    for (const [k, name] of splitNames.entries()) for (const place of division.split[name]) splitOf[rows[place]!] = k;
    const { trainTestDuplicates, trainValidationDuplicates, validationTestDuplicates } = division;
    const leaks = [...new Set([...trainTestDuplicates, ...trainValidationDuplicates, ...validationTestDuplicates])].map(
      (place) => rows[place]!,
    );
    this.#divided = { key, data, splitOf, leaks };
    const parts = division.split;
    this.#reportDivision({
      ...{ training: parts.training.length, validation: parts.validation.length, test: parts.test.length },
      warnings: data.warnings(),
      copies: duplicates.flat().length,
      leaks: leaks.length,
    });
    return data;
  }
}
