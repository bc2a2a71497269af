import { existsSync } from "node:fs";
import { join } from "node:path";
import { InklingError } from "../../../base/error.ts";
import { whole } from "../../../base/format.ts";
import { writeFileAtomic, writeFilesAtomic } from "../../../base/node/writeFile.ts";
import type { AnyDataset, Dataset, SeparateSets } from "../../../datasets/index.ts";
import type { ReadOptions } from "../../../formats/format.ts";
import { packPieces } from "../../../formats/pack.ts";
import { locateData } from "../../../runs/node/dataPlaces.ts";
import { freeFolder } from "../../../runs/node/freeFolder.ts";
import type { RunFolder } from "../../../runs/node/runFolder.ts";
import { createRun, isLocked, resumeRun } from "../../../runs/node/runs.ts";
import type { PortableRun } from "../../../runs/portableRun.ts";
import { RUN_FILE } from "../../../runs/result.ts";
import { openDataset } from "../../../sources/node/openDataset.ts";
import type { TrainingSpec } from "../../../training/index.ts";
import { TrainingData } from "../../../training/trainingData.ts";
import type { Host, KeptFiles, OpenedPath, RecordedSubject, Recorder } from "../../worker/host.ts";
import { openedAtOneSize } from "../../worker/openedAtOneSize.ts";
import { FolderRuns } from "./folderRuns.ts";
import type { Machine } from "./machine.ts";
import { savedRun, statesOf } from "./savedRun.ts";

/** How data are opened: as the commands open them. */
export interface Opening {
  data(source: string, reading?: Pick<ReadOptions, "resize">): Promise<AnyDataset>;
  /** The data of a run, and its separate sets. Throws as for a command, also where they would have to be fetched. */
  runData(config: TrainingSpec): Promise<SeparateSets & { readonly data: AnyDataset }>;
}

interface NodeHostOptions {
  readonly backend: string;
  readonly machine: Machine;
  readonly storage: KeptFiles;
  readonly opening: Opening;
  /** Is told the folder in which a training is recorded. */
  readonly onRecord: (folder: string) => void;
}

/** The file of the data in the folder of a run whose data were dropped on the page, or edited there. */
const DATA_FILE = "data.inkling";

/** A process of this machine, for a session: it trains on all cores, opens paths, and records trainings in run folders. */
export class NodeHost implements Host {
  readonly backend: string;
  readonly runs = new FolderRuns();
  readonly #options: NodeHostOptions;
  /** The folders of runs that were opened, or are recorded. */
  readonly #folders = new WeakMap<PortableRun, string>();
  /** The data that were opened by a name, under which commands find them too. */
  readonly #found = new WeakSet<AnyDataset>();

  constructor(options: NodeHostOptions) {
    this.backend = options.backend;
    this.#options = options;
  }

  async openStorage(): Promise<KeptFiles> {
    return this.#options.storage;
  }

  letters(): Promise<Dataset> {
    return openDataset("letters");
  }

  async openPath(path: string): Promise<OpenedPath> {
    const { machine, opening } = this.#options;
    await machine.check(path);
    if (!existsSync(join(path, RUN_FILE))) {
      const { dataset, isResized } = await openedAtOneSize((reading) => opening.data(path, reading));
      // Commands do not find resized images under the name of their source.
      if (!isResized) this.#found.add(dataset);
      return { name: path, dataset };
    }
    const saved = await savedRun(path);
    this.#folders.set(saved, path);
    const config = locateData(path, saved.run!);
    const { data: dataset, ...separate } = await opening.runData(config);
    this.#found.add(dataset);
    const data = new TrainingData(dataset, { seed: config.seed, split: config.split, ...separate });
    const isTrained = saved.run!.result === undefined && (await isLocked(path));
    const run = { id: this.runs.idOf(path), saved, data };
    return { name: config.data.source, dataset, run, ...(isTrained && { following: this.#follow(path) }) };
  }

  async *#follow(path: string): AsyncGenerator<PortableRun, void> {
    for await (const run of statesOf(path)) {
      this.#folders.set(run, path);
      yield run;
    }
  }

  async record(run: PortableRun, subject: RecordedSubject): Promise<Recorder> {
    const known = this.#folders.get(run);
    const isThere = known !== undefined && existsSync(join(known, RUN_FILE));
    const folder = isThere ? await resumed(known, run) : await this.#newFolder(run, subject);
    this.#folders.set(run, folder.path);
    this.#options.onRecord(folder.path);
    return folder;
  }

  /** A new folder, with all that is known of a run that has begun elsewhere or whose folder has vanished. */
  async #newFolder(run: PortableRun, { origin, dataset }: RecordedSubject): Promise<RunFolder> {
    const { recipe = "run", source } = origin;
    const path = await freeFolder(this.#options.machine.folder, { name: recipe }, source);
    const isFound = source === "letters" || this.#found.has(dataset);
    if (run.run) {
      await writeFilesAtomic(
        path,
        (await run.files()).map(({ name, bytes }) => ({ name, contents: bytes })),
      );
      if (!isFound) await keepData(path, dataset);
      return resumeRun(path);
    }
    if (isFound) return createRun(path, origin);
    const { resize: _, fit: __, ...stored } = origin;
    const folder = await createRun(path, { ...stored, source: join(path, DATA_FILE) });
    await keepData(path, dataset);
    return folder;
  }
}

/** The folder of a run that goes on. Throws `FILE_SYSTEM` if another process uses it, or has trained the run on. */
async function resumed(path: string, { checkpoint }: PortableRun): Promise<RunFolder> {
  const folder = await resumeRun(path);
  const [here, there] = [checkpoint?.step ?? 0, folder.checkpoint?.step ?? 0];
  if (here === there) return folder;
  await folder.close();
  throw new InklingError(
    "FILE_SYSTEM",
    `another process has trained ${path} from step ${whole(here)} to step ${whole(there)}; open the run again`,
  );
}

/** Puts data that are nowhere else into the folder of a run, so that it can be resumed. */
const keepData = (path: string, dataset: AnyDataset): Promise<void> =>
  writeFileAtomic(join(path, DATA_FILE), packPieces(dataset));
