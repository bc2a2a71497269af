import { InklingError, type TrainEvent, type TrainResult } from "../../index.ts";
import type { RunFolder } from "../../node.ts";
import { isUnread } from "../output.ts";
import { type LogForm, showTraining } from "../showTraining.ts";
import type { Terminal } from "../terminal.ts";

/** Trains to the end, saving and printing every event. Errors say how to continue. */
export async function followRun(
  events: AsyncIterable<TrainEvent>,
  folder: RunFolder,
  terminal: Terminal,
  log?: LogForm,
): Promise<TrainResult> {
  const show = showTraining(terminal, log);
  try {
    let told = false;
    for await (const event of events) {
      await folder.record(event);
      if (isUnread() && !told) {
        terminal.note(`Nobody reads the output any more; the training goes on and is saved in ${folder.path}`);
        told = true;
      }
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
  if (code === "NOT_FINITE" && checkpoint)
    return new InklingError(code, `${message}; the last checkpoint in ${path} is from step ${checkpoint.step}`, {
      cause: error,
    });
  return error;
}
