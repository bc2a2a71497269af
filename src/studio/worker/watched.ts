import type { PortableRun } from "../../runs/portableRun.ts";
import type { Update } from "../updates.ts";

/** The state of a run that another process trains, and what has changed. */
interface Watched {
  readonly saved: PortableRun;
  readonly updates: readonly Update[];
}

/**
 * What a page is told of a run while another process trains it, beyond what it knows from a state `shown` before; the rate is
 * measured from one checkpoint to the next.
 */
export async function* watched(
  states: AsyncIterable<PortableRun>,
  shown: PortableRun | undefined,
): AsyncGenerator<Watched, void> {
  let seen = shown?.validations.at(-1)?.step ?? -1;
  let before: { readonly step: number; readonly at: number } | undefined;
  for await (const saved of states) {
    const { config } = saved.run!;
    const news = saved.validations.filter(({ step }) => step > seen);
    seen = news.at(-1)?.step ?? seen;
    const updates: Update[] = news.map(({ step, loss, accuracy }) => ({
      type: "validation",
      validation: { step, loss, accuracy },
    }));
    const { checkpoint } = saved;
    const last = saved.validations.at(-1);
    if (checkpoint && last && checkpoint.step !== before?.step) {
      const now = { step: checkpoint.step, at: performance.now() };
      const stepsPerSecond = before ? (1000 * (now.step - before.step)) / (now.at - before.at) : 0;
      before = now;
      updates.push({
        type: "progress",
        step: now.step,
        steps: config.steps,
        loss: last.minibatchLoss,
        imagesPerSecond: stepsPerSecond * config.batchSize,
        secondsLeft: stepsPerSecond > 0 ? (config.steps - now.step) / stepsPerSecond : 0,
      });
    }
    yield { saved, updates };
  }
}
