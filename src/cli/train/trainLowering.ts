import type { Overrides, TrainEvent, TrainResult } from "../../index.ts";
import type { RunFolder } from "../../node.ts";
import type { LogForm } from "../showTraining.ts";
import type { Terminal } from "../terminal.ts";
import { followRun } from "./followRun.ts";

/** Learning rates that take the place of the article's 0.1 where the network does not learn with it; see docs/seed.md. */
const LOWER_RATES = [0.05, 0.025] as const;

/**
 * Trains as {@link followRun} does and, each time the network turns out not to learn, again from the start with the next
 * lower learning rate; with the last one to the end. `start` begins a training with a change of its settings.
 */
export async function trainLowering(
  start: (change: Pick<Overrides, "learningRate">) => Promise<AsyncIterable<TrainEvent>>,
  folder: RunFolder,
  terminal: Terminal,
  log: LogForm,
): Promise<TrainResult> {
  let [change, rate]: [Pick<Overrides, "learningRate">, string] = [{}, "the learning rate of the recipe"];
  for (const learningRate of LOWER_RATES) {
    try {
      return await followRun(untilGuessing(await start(change)), folder, terminal, log);
    } catch (error) {
      if (!(error instanceof NotLearning)) throw error;
    }
    const next = `a learning rate of ${learningRate}`;
    terminal.note(`The network does not learn with this seed and ${rate}; training starts again with ${next}`);
    await folder.discard();
    [change, rate] = [{ learningRate }, next];
  }
  return followRun(await start(change), folder, terminal, log);
}

/** A training that was stopped because it does not learn. */
class NotLearning extends Error {}

/** The events of a training. Throws {@link NotLearning} once it turns out to be no better than guessing. */
async function* untilGuessing(events: AsyncIterable<TrainEvent>): AsyncGenerator<TrainEvent> {
  for await (const event of events) {
    if (event.type === "learning" && event.status === "guessing") throw new NotLearning("no better than guessing");
    yield event;
  }
}
