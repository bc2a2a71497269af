import { Gate } from "../../browser/gate.ts";
import type { PortableRun } from "../../runs/portableRun.ts";
import type { TrainEvent, TrainingRun, TrainOptions } from "../../training/index.ts";
import type { Recorder } from "./host.ts";

/** Seconds between two reports of a training: twenty a second. */
const REPORT_SECONDS = 1 / 20;
/** Seconds between two checkpoints, which are stored. */
export const STORE_SECONDS = 5;

/** Starts a training with these options among others. */
export type Start = (options: Pick<TrainOptions, "checkpointEvery" | "signal">) => TrainingRun;

/** How a training begins, and who follows it. */
interface Following {
  readonly isPaused: boolean;
  /** Gets every event once it is recorded; the next one is computed afterwards. */
  readonly onEvent: (event: TrainEvent) => Promise<void>;
  /** Gets the error that ended the training, unless it was stopped. */
  readonly onError: (error: unknown) => void;
  /** Gets the error for which the training is no longer recorded; it is paused, and recorded anew when it goes on. */
  readonly onUnrecorded: (error: unknown) => void;
}

/** Records a training, from the state that it has. */
export type Record = () => Promise<Recorder | undefined>;

/** A training in progress, or at its end: it can be paused, make single steps, and be stopped. */
export class LiveTraining {
  /** The run that records it. */
  readonly saved: PortableRun;
  readonly run: TrainingRun;
  readonly #abort = new AbortController();
  readonly #gate = new Gate();
  readonly #record: Record;
  #recorder: Recorder | undefined;
  #isUnrecorded = false;
  #ended: Promise<void> | undefined;

  /** `recorder` is the first that `record` has returned. */
  constructor(saved: PortableRun, start: Start, record: Record, recorder: Recorder | undefined) {
    this.saved = saved;
    this.#record = record;
    this.#recorder = recorder;
    this.run = start({ checkpointEvery: STORE_SECONDS, signal: this.#abort.signal });
  }

  /** Whether it has not come to its result yet. */
  get isUnderWay(): boolean {
    return this.saved.run?.result === undefined;
  }

  /** Whether it goes on by itself. */
  get isOpen(): boolean {
    return this.#gate.isOpen;
  }

  /** Begins to train, or waits before the first step. */
  async begin(following: Following): Promise<void> {
    this.#gate.open = following.isPaused ? 0 : Number.POSITIVE_INFINITY;
    this.#ended = this.#follow(following);
    await this.run.setCallSize({ seconds: REPORT_SECONDS });
  }

  pause(): void {
    this.#gate.open = 0;
  }

  async resume(): Promise<void> {
    await this.#recordAgain();
    await this.run.setCallSize({ seconds: REPORT_SECONDS });
    this.#gate.open = Number.POSITIVE_INFINITY;
  }

  /** Makes a single step, and pauses. */
  async step(): Promise<void> {
    await this.#recordAgain();
    await this.run.setCallSize({ steps: 1 });
    this.#gate.open = 1;
  }

  /** Ends it. What is being computed is finished, but no longer reported. */
  async stop(): Promise<void> {
    this.#abort.abort();
    this.#gate.open = Number.POSITIVE_INFINITY;
    await this.#ended;
  }

  /** Records the state at present. */
  async recordCheckpoint(): Promise<void> {
    const event: TrainEvent = { type: "checkpoint", checkpoint: await this.run.checkpoint() };
    this.saved.record(event);
    await this.#recorder?.record(event);
  }

  async #recordAgain(): Promise<void> {
    if (!this.#isUnrecorded) return;
    this.#recorder = await this.#record();
    this.#isUnrecorded = false;
  }

  async #follow({ onEvent, onError, onUnrecorded }: Following): Promise<void> {
    const { signal } = this.#abort;
    try {
      for await (const event of this.#gate.events(this.run)) {
        this.saved.record(event);
        await this.#recorder?.record(event).catch(async (error: unknown) => {
          this.pause();
          await this.#close();
          this.#isUnrecorded = true;
          onUnrecorded(error);
        });
        if (!signal.aborted) await onEvent(event);
      }
    } catch (error) {
      if (!signal.aborted) onError(error);
    } finally {
      await this.#close();
    }
  }

  async #close(): Promise<void> {
    const recorder = this.#recorder;
    this.#recorder = undefined;
    await recorder?.close();
  }
}
