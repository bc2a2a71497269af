import { InklingError, type TrainEvent, type TrainResult } from "../../index.ts";
import type { RunFolder } from "../../node.ts";
import { type RateOrigin, whyNotLearning } from "../../report/describeLearning.ts";
import { type LogForm, showTraining } from "../showTraining.ts";
import type { Terminal } from "../terminal.ts";

/** Trains to the end, saving and printing every event. Errors say how to continue. */
export async function followRun(
  events: AsyncIterable<TrainEvent>,
  folder: RunFolder,
  terminal: Terminal,
  log?: LogForm,
): Promise<TrainResult> {
  let show: ((event: TrainEvent) => void) | undefined;
  let told = 0;
  try {
    for await (const event of events) {
      await folder.record(event);
      for (const remark of folder.remarks.slice(told)) terminal.note(remark);
      told = folder.remarks.length;
      show ??= showTraining(terminal, log, folder.run?.config);
      show(event);
      if (event.type === "end") return event.result;
    }
  } catch (error) {
    terminal.clear();
    throw withAdvice(error, folder);
  }
  throw new Error("a training ended without a result");
}

function withAdvice(error: unknown, { path, run, checkpoint }: RunFolder): unknown {
  if (!(error instanceof InklingError) || !run) return error;
  const { code, message } = error;
  if (code === "ABORTED")
    return new InklingError(code, `${message} and saved; resume with: inkling train --resume ${path}`, {
      cause: error,
    });
  if (code === "NOT_FINITE") {
    const saved = checkpoint ? `; the last checkpoint in ${path} is from step ${checkpoint.step}` : "";
    return new InklingError(code, `${message}, or --learning-rate auto${saved}`, { cause: error });
  }
  return error;
}

/** Sets the exit code to 1, and says why, unless it is shown that a training learned. */
export function requireLearning({ learning }: TrainResult, origin: RateOrigin, terminal: Terminal): void {
  if (learning?.status === "learning") return;
  process.exitCode = 1;
  if (!learning || learning.status === "undecided")
    terminal.note("--require-learning: there are too few steps or images to tell whether the network has learned");
  else terminal.note(`--require-learning: the network has not learned: ${whyNotLearning(learning, origin)}`);
}
