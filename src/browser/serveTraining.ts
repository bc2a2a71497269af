import { backend } from "../backends/index.ts";
import type { Model } from "../model/index.ts";
import { decodeModel, encodeModel } from "../runs/modelFile.ts";
import { recipe, type TrainingRun, train } from "../training/index.ts";
import { Gate } from "./gate.ts";
import { AHEAD, type Request, type Response, type SentOptions, sentError, sentEvent } from "./messages.ts";

/**
 * What the worker of {@link trainInWorker} runs: it waits for a training, trains, and sends the events to the page. Call it
 * in a script of your own, after it has registered layers, optimizers or back ends of your own, and pass a worker with that
 * script to `trainInWorker`.
 */
export function serveTraining(): void {
  const post = (response: Response) => self.postMessage(response);
  const abort = new AbortController();
  const gate = new Gate(AHEAD);
  let run: TrainingRun | undefined;
  const follow = async (training: TrainingRun): Promise<void> => {
    for await (const event of gate.events(training)) post({ type: "event", event: sentEvent(event) });
    post({ type: "done", model: encodeModel(await training.model()) });
  };
  const answer = async (request: Request): Promise<void> => {
    switch (request.type) {
      case "train":
        run = start(request.model, request, abort.signal);
        return follow(run);
      case "taken":
        return gate.taken();
      case "pause":
        gate.open = 0;
        return;
      case "resume":
        await run?.setCallSize({});
        gate.open = Number.POSITIVE_INFINITY;
        return;
      case "step":
        await run?.setCallSize({ steps: 1 });
        gate.open = 1;
        return;
      case "abort":
        abort.abort();
        gate.open = Number.POSITIVE_INFINITY;
        return;
      case "model":
        return post({ type: "answer", id: request.id, model: encodeModel(await run!.current()) });
      case "checkpoint":
        return post({ type: "answer", id: request.id, checkpoint: await run!.checkpoint() });
    }
  };
  self.onmessage = ({ data }: MessageEvent<Request>) =>
    void answer(data).catch((error: unknown) => post({ type: "failed", error: sentError(error) }));
}

function start(
  model: Model | string,
  {
    data,
    options: { initFrom, ...options },
  }: { readonly data: Parameters<typeof train>[1]; readonly options: SentOptions },
  signal: AbortSignal,
): TrainingRun {
  const all = { ...options, ...(initFrom && { initFrom: decodeModel(initFrom, backend(options.backend)) }), signal };
  return typeof model === "string" ? train(recipe(model), data, all) : train(model, data, all);
}
