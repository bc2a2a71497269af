import type { Dataset } from "../../src/datasets/index.ts";
import type { Model } from "../../src/model/index.ts";
import { type TrainEvent, type TrainOptions, train } from "../../src/training/index.ts";

/** A training from its start to its end, and what it said on the way. */
export async function followTraining(model: Model, data: Dataset, options: TrainOptions) {
  const run = train(model, data, options);
  const events: TrainEvent[] = [];
  for await (const event of run) events.push(event);
  const of = <T extends TrainEvent["type"]>(type: T) =>
    events.filter((event): event is Extract<TrainEvent, { readonly type: T }> => event.type === type);
  return {
    run,
    events,
    start: of("start")[0]!,
    progress: of("progress"),
    checkpoints: of("checkpoint").map(({ checkpoint }) => checkpoint),
    validations: of("validation"),
    result: await run.result(),
  };
}
