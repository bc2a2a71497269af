import { concatBytes } from "../../base/bytes.ts";
import type { AnyDataset, Dataset } from "../../datasets/index.ts";
import type { PortableRun } from "../../runs/portableRun.ts";
import type { TrainEvent, TrainingOrigin } from "../../training/index.ts";
import type { TrainingData } from "../../training/trainingData.ts";
import type { RunSummary } from "../runSummary.ts";
import type { Contents, Storage } from "./storage.ts";

/** What a session needs of where it runs: a worker of a page, or a process of this machine. */
export interface Host {
  /** The name of the back end that trains. */
  readonly backend: string;
  /** Opens what keeps data, settings and the state of a training for the next visit. */
  openStorage(): Promise<KeptFiles>;
  /** The built-in letters. */
  letters(): Promise<Dataset>;
  /** Opens a data set or a run of this machine, if its path may be opened. Absent in a page. */
  openPath?(path: string): Promise<OpenedPath>;
  /**
   * Records a run where it outlives the session: a new one in a new place, one that goes on where it is. Throws `FILE_SYSTEM`
   * if another process uses that place. Absent in a page, whose storage has the run.
   */
  record?(run: PortableRun, subject: RecordedSubject): Promise<Recorder>;
  /** The runs that the host keeps by itself. Absent in a page, whose storage has them. */
  readonly runs?: RunStore;
}

/** Files that outlive a session. */
export type KeptFiles = Pick<Storage, keyof Storage>;

/** The bytes of what a file is to hold. */
export async function bytesOf(contents: Contents): Promise<Uint8Array<ArrayBuffer>> {
  if (typeof contents === "string") return new TextEncoder().encode(contents);
  if (contents instanceof Uint8Array) return contents;
  if (contents instanceof Blob) return new Uint8Array(await contents.arrayBuffer());
  const pieces: Uint8Array[] = [];
  for await (const piece of contents) pieces.push(piece);
  return concatBytes(pieces);
}

/** Runs that are kept. */
export interface RunStore {
  /** What is known of all runs, the oldest first. */
  readonly all: readonly RunSummary[];
  /** An id that no run has. */
  nextId(): string;
  /** Says what is known of a run now. */
  tell(summary: RunSummary): void;
  /** Stores a run that has a checkpoint. Throws `FILE_SYSTEM` where that fails. */
  store(id: string, run: PortableRun): Promise<void>;
  /** Throws `NOT_FOUND` where a run is not kept, and as `PortableRun.open` does. */
  read(id: string): Promise<PortableRun>;
  delete(id: string): Promise<void>;
}

/** What a path has. */
export interface OpenedPath {
  /** The path, or the source of the run's data. */
  readonly name: string;
  readonly dataset: AnyDataset;
  /** A run, its id among those that are kept, and the data as it divides them. */
  readonly run?: { readonly id: string; readonly saved: PortableRun; readonly data: TrainingData };
  /** The states of a run that another process trains, until that ends or stops. */
  readonly following?: AsyncIterable<PortableRun>;
}

/** What a run is trained on. */
export interface RecordedSubject {
  readonly origin: TrainingOrigin;
  readonly dataset: AnyDataset;
}

/** Records the events of a training. */
export interface Recorder {
  /** Resolves once the event is safe. Throws `FILE_SYSTEM`. */
  record(event: TrainEvent): Promise<void>;
  /** Lets others use the place. */
  close(): Promise<void>;
}
