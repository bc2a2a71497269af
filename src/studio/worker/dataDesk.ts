import { InklingError } from "../../base/error.ts";
import { type AnyDataset, type Dataset, type Fix, formatFixes, parseFixes } from "../../datasets/index.ts";
import { HEAD_BYTES, type OpenProgress, type ReadOptions } from "../../formats/format.ts";
import { isPack, packPieces, readPack } from "../../formats/pack.ts";
import type { Picture } from "../../image/picture.ts";
import { BlobFile } from "../../sources/files.ts";
import type { Overrides } from "../../training/index.ts";
import type { Suspicion } from "../browsing.ts";
import type { Step } from "../edits.ts";
import type { Settings } from "../settings.ts";
import type { TakenFile } from "../workbench.ts";
import { decodedPicture } from "./decodedPicture.ts";
import type { Host } from "./host.ts";
import type { Keeper } from "./keeper.ts";
import { checkLabels } from "./labelCheck.ts";
import { openedAtOneSize } from "./openedAtOneSize.ts";
import { OpenedData } from "./openedData.ts";
import type { Reporter } from "./reporter.ts";
import { StoredEdits } from "./storedEdits.ts";
import { readingLike } from "./withTestSet.ts";

/** The name of the built-in data set. */
export const LETTERS = "letters";

/** The file of the data that are open, unless they are built in. */
const DATA = "data.inkling";

/** Milliseconds without an edit after which the data are divided again. */
const SETTLED = 300;
/** The size of the images of data that begin without any. */
const NEW_SHAPE = [64, 64, 3] as const;
/** Pictures that are named in a message. */
const NAMED = 3;

/** What data sets need of the session. */
interface DeskOptions {
  readonly host: Pick<Host, "backend" | "letters">;
  readonly keeper: Keeper;
  readonly reporter: Reporter;
  /** The settings of the training that is next. */
  readonly overrides: () => Overrides | undefined;
}

interface OpenOptions {
  readonly reset: () => Promise<void>;
  /** How to read the images. */
  readonly reading: ReadOptions | undefined;
}

/** The data of a session: they are opened, edited, checked, stored for the next visit, and saved. */
export class DataDesk {
  readonly #options: DeskOptions;
  #opened!: OpenedData;
  #settling: ReturnType<typeof setTimeout> | undefined;
  /** Ends what takes long: opening files, or a check. */
  #abort = new AbortController();
  readonly #stored: StoredEdits;

  constructor(options: DeskOptions) {
    this.#options = options;
    this.#stored = new StoredEdits(options.keeper.files);
  }

  get opened(): OpenedData {
    return this.#opened;
  }

  /** Shows the data that an earlier visit has kept from a source, or else the built-in letters, and their edits. */
  async begin(source: string | undefined): Promise<void> {
    const data = source === undefined || source === LETTERS ? undefined : await this.#kept();
    if (data) this.#show(data, source!);
    else this.#show(await this.#letters(), LETTERS);
    await this.#restoreEdits();
  }

  /** Shows a data set, then how it is divided, which takes longer. */
  #show(dataset: AnyDataset, name: string): void {
    const { report } = this.#options.reporter;
    this.#opened = new OpenedData(dataset, name, (division) => report({ type: "division", division }));
    report({ type: "data", data: this.#opened.summary() });
    this.#divideSoon(0);
  }

  async #letters(): Promise<Dataset> {
    const dataset = await this.#options.host.letters();
    return { ...dataset, provenance: { ...dataset.provenance, source: LETTERS } };
  }

  /** The data set that an earlier visit has kept, if any. */
  async #kept(): Promise<Dataset | undefined> {
    const file = await this.#options.keeper.files.file(DATA);
    return file && readPack(new BlobFile(file, DATA));
  }

  /** Takes over the edits that an earlier visit has made of the data that are open, and what a check has found. */
  async #restoreEdits(): Promise<void> {
    const { reporter } = this.#options;
    const opened = this.#opened;
    const isEdited = await this.#stored.restore(opened).catch((error: unknown) => {
      reporter.problem(error);
      return true;
    });
    if (!isEdited) return;
    const checked = await this.#stored.checked();
    if (checked) Object.assign(opened, checked);
    opened.refresh();
    reporter.report({ type: "data", data: opened.summary() });
    if (checked) this.#reportChecked();
  }

  /** Opens a data set from files, and keeps it; or applies label corrections. `reset` ends what was done with the data before. */
  async open(name: string, source: ReadonlyMap<string, Blob> | Blob, { reset, reading }: OpenOptions): Promise<void> {
    if (source instanceof Blob && /\.json$/i.test(name)) {
      const text = await source.text();
      if (/"kind"\s*:\s*"fixes"/.test(text)) return this.#applyFixes(text, name);
    }
    const { openDataset } = await import("../../sources/openDataset.ts");
    const onProgress = (progress: OpenProgress) => this.#reportOpening(progress);
    const { dataset } = await this.#stoppable((signal) =>
      openedAtOneSize((size) => openDataset(source, { ...size, ...reading, name, signal, onProgress })),
    );
    await reset();
    await this.#forgetEdits();
    this.#show(dataset, name);
    const { keeper } = this.#options;
    const isStored = reading === undefined && source instanceof Blob && isPack(await headOf(source));
    await keeper.keep(() => keeper.files.write(DATA, isStored ? source : packPieces(dataset, { compress: false })));
  }

  /**
   * Opens a data set as the test images of the data that are open, whose images of every split then are for training and
   * validation. Both are one data set from then on. `reset` ends what was done before. Throws `INVALID_DATA` for other classes.
   */
  async addTest(name: string, source: ReadonlyMap<string, Blob> | Blob, reset: () => Promise<void>): Promise<void> {
    const { dataset, name: own } = this.#opened;
    const [{ openDataset }, { withTestSet }] = await Promise.all([
      import("../../sources/openDataset.ts"),
      import("./withTestSet.ts"),
    ]);
    const test = await this.#stoppable((signal) =>
      openDataset(source, {
        ...{ name, signal, ...readingLike(dataset) },
        onProgress: (progress) => this.#reportOpening(progress),
      }),
    );
    const both = withTestSet(dataset, test);
    await reset();
    await this.#forgetEdits();
    this.#show(both, `${own} + ${name}`);
    const { keeper } = this.#options;
    await keeper.keep(() => keeper.files.write(DATA, packPieces(both, { compress: false })));
  }

  /** Opens data without images, to be added. */
  async openNew(name: string, classNames: readonly string[]): Promise<void> {
    await this.#forgetEdits();
    const dataset: Dataset = {
      images: new Uint8Array(),
      labels: new Uint16Array(),
      imageShape: NEW_SHAPE,
      classNames,
      provenance: { source: name, description: "pictures that were collected" },
      conversion: { resize: { fit: "cover" } },
      skipped: [],
    };
    this.#show(dataset, name);
    const { keeper } = this.#options;
    await keeper.keep(() => keeper.files.write(DATA, packPieces(dataset)));
  }

  /** Opens the built-in letters. */
  async openLetters(): Promise<void> {
    await this.openBuiltIn(await this.#letters(), LETTERS);
  }

  /** Opens data that need not be kept: the built-in letters, or those of a path. */
  async openBuiltIn(dataset: AnyDataset, name: string): Promise<void> {
    await this.#options.keeper.files.remove(DATA);
    await this.#forgetEdits();
    this.#show(dataset, name);
  }

  async edit(step: Step): Promise<void> {
    this.#opened.edit(step);
    await this.#edited();
  }

  async undo(): Promise<void> {
    this.#opened.undo();
    await this.#edited();
  }

  async redo(): Promise<void> {
    this.#opened.redo();
    await this.#edited();
  }

  /** Adds pictures to a class. Throws `INVALID_DATA` naming those that could not be read, if there are any, when the others are added. */
  async add(label: number, given: ReadonlyMap<string, Picture | Blob>): Promise<void> {
    const pictures: { readonly name: string; readonly picture: Picture }[] = [];
    const unread: string[] = [];
    for (const [name, file] of given)
      try {
        pictures.push({ name, picture: "arrayBuffer" in file ? await decodedPicture(file) : file });
      } catch (error) {
        unread.push(`${name}: ${(error as Error).message}`);
      }
    if (pictures.length > 0) {
      this.#opened.add(label, pictures);
      await this.#edited();
    }
    if (unread.length === 0) return;
    const more = unread.length > NAMED ? `; and ${unread.length - NAMED} more` : "";
    throw new InklingError(
      "INVALID_DATA",
      `${unread.length} of ${given.size} files could not be added: ${unread.slice(0, NAMED).join("; ")}${more}`,
    );
  }

  /** Checks the labels, and reports what it finds. Resolves when the check has begun. */
  async check(settings?: Settings): Promise<void> {
    const { host, keeper, reporter } = this.#options;
    const { report } = reporter;
    const opened = this.#opened;
    report({ type: "check", check: { state: "running", share: 0 } });
    const done = this.#stoppable((signal) =>
      checkLabels(opened, {
        ...{ backend: host.backend, signal },
        ...(settings && { settings }),
        onProgress: ({ share, secondsLeft }) =>
          report({ type: "check", check: { state: "running", share, secondsLeft } }),
      }),
    );
    void done
      .then(async (checked) => {
        if (this.#opened !== opened) return;
        Object.assign(opened, checked);
        this.#reportChecked();
        await keeper.keep(() => this.#stored.storeChecked(checked));
      })
      .catch((error: unknown) => {
        report({ type: "check" });
        if ((error as Partial<InklingError>).code !== "ABORTED") reporter.problem(error);
      });
  }

  /** Ends what takes long. */
  stop(): void {
    this.#abort.abort();
  }

  /** The data as they are edited, as a file that `inkling train` trains to the same weights. */
  async save(): Promise<TakenFile> {
    const { dataset, fileName, isEdited } = this.#opened;
    const pieces: Uint8Array<ArrayBuffer>[] = [];
    for await (const piece of packPieces(dataset)) pieces.push(new Uint8Array(piece));
    return { name: `${fileName}${isEdited ? "" : "-copy"}.inkling`, bytes: new Blob(pieces) };
  }

  /** What is decided about images, as a file that `--fixes` takes. */
  async saveFixes(): Promise<TakenFile> {
    const text = formatFixes(await this.#opened.corrections());
    return { name: "fixes.json", bytes: new TextEncoder().encode(text) };
  }

  async #applyFixes(text: string, name: string): Promise<void> {
    const { step, unmatched } = await this.#opened.decisionsBy(parseFixes(text, name));
    if (step.length > 0) await this.edit(step);
    if (unmatched.length > 0) this.#reportUnmatched(unmatched, name);
  }

  #reportUnmatched(unmatched: readonly Fix[], name: string): void {
    const named = unmatched.slice(0, NAMED).map((fix) => fix.name ?? `${fix.sha256.slice(0, 12)}…`);
    const more = unmatched.length > NAMED ? ", …" : "";
    this.#options.reporter.report({
      type: "problem",
      message: `${name}: ${unmatched.length} of its corrections match no image of ${this.#opened.name}: ${named.join(", ")}${more}`,
    });
  }

  async #edited(): Promise<void> {
    const { reporter, keeper } = this.#options;
    reporter.report({ type: "edited", data: this.#opened.summary() });
    this.#divideSoon(SETTLED);
    await keeper.keep(() => this.#stored.store(this.#opened));
  }

  async #forgetEdits(): Promise<void> {
    this.stop();
    this.#options.reporter.report({ type: "check" });
    await this.#stored.forget();
  }

  /** Divides the data when nothing has been edited for a while, since that takes long for large ones. */
  #divideSoon(milliseconds: number): void {
    clearTimeout(this.#settling);
    const opened = this.#opened;
    this.#settling = setTimeout(() => {
      if (this.#opened !== opened) return;
      try {
        opened.divide(this.#options.overrides());
      } catch (error) {
        this.#options.reporter.report({ type: "undivided", reason: (error as Error).message });
      }
    }, milliseconds);
  }

  async #stoppable<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    this.#abort = new AbortController();
    return work(this.#abort.signal);
  }

  #reportOpening(progress: OpenProgress): void {
    this.#options.reporter.report({ type: "opening", ...progress });
  }

  #reportChecked(): void {
    const { suspicions, alike } = this.#opened;
    const count = (kind: Suspicion["kind"]) => suspicions.filter((one) => one.kind === kind).length;
    this.#options.reporter.report({
      type: "check",
      check: {
        state: "done",
        suspects: { labelError: count("labelError"), unreadable: count("unreadable"), ambiguous: count("ambiguous") },
        alike: alike.flat().length,
      },
    });
  }
}

const headOf = async (file: Blob): Promise<Uint8Array> => new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
