import { InklingError } from "../../base/error.ts";
import { locateData } from "../../runs/node/dataPlaces.ts";
import type { DataOf } from "../../search/node/processes.ts";
import { receivedData } from "../../search/node/queue/sentData.ts";
import { type Errand, Unfit } from "../../search/node/queue/serveQueue.ts";
import { divisionSha256, type QueuedTask } from "../../search/queueMessage.ts";
import { type SourceSpec, sameData } from "../../training/spec.ts";
import type { TrainingData } from "../../training/trainingData.ts";
import { checkFetching } from "../openRunData.ts";
import { openTrialData } from "../search/openTrialData.ts";
import { silentTerminal, type Terminal } from "../terminal.ts";

/** The most data sets that a worker keeps open: those of the studies that it serves in turn. */
const OPEN = 3;

/** The data sets that a worker has opened, and where it looks for more. */
export class WorkerData {
  readonly #sources: readonly string[];
  readonly #fetches: boolean;
  readonly #terminal: Terminal;
  /** What was opened, the latest last. */
  #opened: readonly DataOf[] = [];

  /** `sources`: data sets of this machine; `fetches`: whether to fetch an address that a search names. */
  constructor(sources: readonly string[], terminal: Terminal, fetches = false) {
    this.#sources = sources;
    this.#fetches = fetches;
    this.#terminal = terminal;
  }

  /**
   * The data of a task, split as the search has them: from this machine's sources, from where the search has them, or else
   * sent by the search. Throws {@link Unfit} if they are nowhere, and `ABORTED`.
   */
  async of({ task, signal, redis, blobs }: Errand): Promise<TrainingData> {
    for (const dataOf of this.#opened) {
      const data = await matching(dataOf, task);
      if (data) return data;
    }
    const located = locateData(process.cwd(), { config: task.spec, places: task.places }).data;
    const problems: string[] = [];
    for (const source of [...this.#sources, located.source])
      try {
        await checkFetching(located, this.#fetches, source === located.source ? {} : { source });
        return await this.#open({ ...located, source }, task, signal);
      } catch (error) {
        if (!(error instanceof InklingError) || error.code === "ABORTED") throw error;
        problems.push(error.message);
      }
    try {
      const { fingerprint, testFingerprint, validationFingerprint } = task.spec.data;
      const received = (print: string) => receivedData(print, redis, blobs, signal);
      const sent: SourceSpec = {
        source: await received(fingerprint),
        ...(testFingerprint !== undefined && { test: await received(testFingerprint) }),
        ...(validationFingerprint !== undefined && { validation: await received(validationFingerprint) }),
      };
      return await this.#open(sent, task, signal);
    } catch (error) {
      if (!(error instanceof InklingError) || error.code === "ABORTED") throw error;
      throw new Unfit(error.code, [...problems, error.message].join("\n"), { cause: error });
    }
  }

  async #open(source: SourceSpec, task: QueuedTask, signal: AbortSignal): Promise<TrainingData> {
    this.#terminal.progress(`Opening ${source.source}`);
    const dataOf = await openTrialData(source, silentTerminal, signal).finally(() => this.#terminal.clear());
    const data = await matching(dataOf, task);
    if (!data)
      throw new InklingError(
        "INVALID_DATA",
        `${source.source} has other images, labels, groups or splits than the search; use the same data set`,
      );
    this.#opened = [...this.#opened.slice(1 - OPEN), dataOf];
    return data;
  }
}

/** Data split as a task says; undefined if they are not the same, or split otherwise. */
async function matching(dataOf: DataOf, { spec, division }: QueuedTask): Promise<TrainingData | undefined> {
  const data = dataOf(spec);
  const isSame = sameData(spec.data, await data.spec) && divisionSha256(data.division) === division;
  return isSame ? data : undefined;
}
