import { concatBytes } from "../base/bytes.ts";
import { InklingError } from "../base/error.ts";
import { parseJsonObject } from "../base/json.ts";
import type { TrainedModel } from "../evaluation/index.ts";
import type { NamedBytes } from "../formats/format.ts";
import type { Folder, Source } from "../formats/platform.ts";
import { readZipDirectory, readZipEntry, type ZipEntry } from "../formats/zipReader.ts";
import { writeZip } from "../formats/zipWriter.ts";
import type { Model } from "../model/index.ts";
import { type DataSource, placeOf } from "../sources/placeOf.ts";
import { providedPlatform } from "../sources/platform.ts";
import {
  type Checkpoint,
  optionsOf,
  type TrainEvent,
  type TrainingOrigin,
  type TrainOptions,
  type ValidationEvent,
} from "../training/index.ts";
import { checkpointName, encodeCheckpoint, newestIntact, trainedAt } from "./checkpointFile.ts";
import { formatMetrics, METRICS_FILE, parseMetrics } from "./metricsFile.ts";
import { decodeModel, encodeModel } from "./modelFile.ts";
import { formatRecord, type Host, parseRecord, type RunRecord, recordAfter } from "./record.ts";
import { modelFiles, RUN_FILE } from "./result.ts";

/** The browser, or the process, by the name that it gives itself. */
const hostHere = (): Host => ({ platform: "browser", cpu: globalThis.navigator?.userAgent ?? "unknown" });

/**
 * A run in memory, to take from a browser tab to a terminal and back. It records the events of a training, as the folder of
 * a run does, and `encode` makes one file of it, which `inkling train --resume FILE` goes on with, to the same weights.
 * `PortableRun.open` reads such a file, or the folder of a run.
 */
export class PortableRun {
  readonly #origin: TrainingOrigin | undefined;
  #record: RunRecord | undefined;
  #validations: readonly ValidationEvent[] = [];
  #checkpoint: Checkpoint | undefined;
  /** The files of models, by name. */
  readonly #models = new Map<string, Uint8Array>();

  /** A new run; `origin` is where its data come from, such as { source: "letters" }, by default what the data set says. */
  constructor(origin?: TrainingOrigin) {
    this.#origin = origin;
  }

  /**
   * Opens a file that `encode` has made, or the folder of a run, as a {@link DataSource}: a File, bytes, the files of a folder
   * that was dropped, or a folder's handle. Throws `NOT_FOUND` where there is no run, `INVALID_DATA` where it is damaged, and
   * `UNKNOWN_FORMAT` where a later version of Inkling wrote it.
   */
  static async open(source: DataSource): Promise<PortableRun> {
    const { place } = await placeOf(source, { name: "run" });
    const { names, read } = await (place.kind === "folder" ? filesOfFolder(place) : filesOfZip(place));
    const pathOf = (name: string) => `${place.name}/${name}`;
    if (!names.includes(RUN_FILE))
      throw new InklingError(
        "NOT_FOUND",
        `${place.path} has no ${RUN_FILE}; open the folder of a run, such as runs/lenet-letters-1, or a file that was saved from one`,
      );
    const run = new PortableRun();
    run.#record = parseRecord(parseJson(await read(RUN_FILE), pathOf(RUN_FILE)), pathOf(RUN_FILE));
    if (names.includes(METRICS_FILE)) run.#validations = parseMetrics(await read(METRICS_FILE), pathOf(METRICS_FILE));
    run.#checkpoint = (await newestIntact(names, { run: place.path, pathOf, read })).checkpoint;
    for (const name of Object.values(modelFiles)) if (names.includes(name)) run.#models.set(name, await read(name));
    return run;
  }

  /** What `run.json` has: the training with all its settings, its sessions, its result; undefined before the start of a new run. */
  get run(): RunRecord | undefined {
    return this.#record;
  }

  /** The validations so far. */
  get validations(): readonly ValidationEvent[] {
    return this.#validations;
  }

  /** The newest checkpoint; undefined before the first. */
  get checkpoint(): Checkpoint | undefined {
    return this.#checkpoint;
  }

  /** The network that the run trains. Throws `NOT_FOUND` before the start of a new run. */
  get model(): Model {
    return this.#started.config.model;
  }

  /**
   * The options with which `train(run.model, data, run.options)` goes on with the run, to the weights that it
   * would have had without the interruption. Throws `NOT_FOUND` before the start of a new run.
   */
  get options(): TrainOptions {
    const { config } = this.#started;
    const initial = this.#models.get(modelFiles.initial);
    return {
      ...optionsOf(config),
      ...(initial && { initFrom: decodeModel(initial) }),
      ...(this.#checkpoint && { resume: this.#checkpoint }),
    };
  }

  /** The model at the end, or that of the newest checkpoint; with "best", that of the best validation. Throws `NOT_FOUND`. */
  trained(weights: "last" | "best" = "last"): TrainedModel {
    const file = this.#models.get(modelFiles[weights]);
    if (file) return decodeModel(file);
    const at = this.#checkpoint;
    if (at && (weights === "last" || at.best))
      return trainedAt(at, undefined, weights === "best" ? at.best : undefined);
    throw new InklingError(
      "NOT_FOUND",
      `the run has no ${weights} weights yet: it had no ${at ? "validation" : "checkpoint"}`,
    );
  }

  /**
   * Records an event of the training. Pass it every one. Throws `INVALID_DATA` at the start of a training that does not belong
   * to the run.
   */
  record(event: TrainEvent): void {
    const isNew = this.#record === undefined;
    this.#record = recordAfter(this.#record, event, { host: hostHere(), origin: this.#origin });
    switch (event.type) {
      case "start":
        if (event.initial && isNew) this.#models.set(modelFiles.initial, encodeModel(event.initial));
        this.#validations = this.#validations.filter(({ step }) => step < event.step - 1);
        break;
      case "validation":
        this.#validations = [...this.#validations, event];
        break;
      case "checkpoint":
        this.#checkpoint = event.checkpoint;
        break;
      case "end":
        this.#models.set(
          modelFiles.last,
          encodeModel(trainedAt(this.#checkpoint!).with({ calibration: event.calibration })),
        );
        if (event.best) this.#models.set(modelFiles.best, encodeModel(event.best));
    }
  }

  /** The files that the run's folder would have. Throws `NOT_FOUND` before its start. */
  async files(): Promise<readonly NamedBytes[]> {
    const text = (contents: string) => new TextEncoder().encode(contents);
    const checkpoint = this.#checkpoint;
    return [
      { name: RUN_FILE, bytes: text(formatRecord(this.#started)) },
      { name: METRICS_FILE, bytes: text(this.#validations.map(formatMetrics).join("")) },
      ...(checkpoint ? [{ name: checkpointName(checkpoint.step), bytes: await encodeCheckpoint(checkpoint) }] : []),
      ...[...this.#models].map(([name, bytes]) => ({ name, bytes })),
    ];
  }

  /** The run as one file: a .zip archive of `files`. Throws `NOT_FOUND` before its start. */
  async encode(): Promise<Uint8Array<ArrayBuffer>> {
    return concatBytes([...writeZip(await this.files())]);
  }

  get #started(): RunRecord {
    if (this.#record) return this.#record;
    throw new InklingError("NOT_FOUND", "the run has not started: record the events of its training first");
  }
}

/** The files of a run, wherever they are. */
interface Files {
  readonly names: readonly string[];
  readonly read: (name: string) => Promise<Uint8Array>;
}

async function filesOfFolder(folder: Folder): Promise<Files> {
  return { names: await folder.names(), read: async (name) => (await folder.find(name))!.bytes() };
}

/** The files in an archive, at its top or in the one folder that has a run. */
async function filesOfZip(source: Source): Promise<Files> {
  const entries = await readZipDirectory(source, source.path);
  const record = entries.find(({ name }) => name === RUN_FILE || name.endsWith(`/${RUN_FILE}`));
  const folder = record?.name.slice(0, -RUN_FILE.length) ?? "";
  const files = new Map(
    entries.flatMap((entry): [string, ZipEntry][] => {
      const isFile = entry.type === "file" && entry.name.startsWith(folder);
      return isFile ? [[entry.name.slice(folder.length), entry]] : [];
    }),
  );
  const { inflateRaw } = providedPlatform();
  return {
    names: [...files.keys()],
    read: (name) => readZipEntry(source, files.get(name)!, inflateRaw, source.path),
  };
}

function parseJson(bytes: Uint8Array, path: string): Readonly<Record<string, unknown>> {
  const json = parseJsonObject(new TextDecoder().decode(bytes));
  if (json) return json;
  throw new InklingError("INVALID_DATA", `${path} is not a JSON object; it is damaged`);
}
