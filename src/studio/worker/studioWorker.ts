/** The script of the worker that is the workbench of a page. */
import { openDataset } from "../../sources/openDataset.ts";
import type { Answer, Call } from "../calls.ts";
import type { Host } from "./host.ts";
import { Session } from "./session.ts";
import { Storage } from "./storage.ts";

/** A worker keeps its files in the browser, and the letters are beside its script. */
const host: Host = {
  backend: "wasm",
  openStorage: () => Storage.open("studio"),
  letters: () => openDataset(new URL("letters.inkling", self.location.href)),
};
const post = (answer: Answer) => self.postMessage(answer);
const session = new Session(host, (update) => post({ update }));

async function answer({ id, method, args }: Call): Promise<void> {
  try {
    const result = await (session[method] as (...args: readonly unknown[]) => Promise<unknown>).call(session, ...args);
    post({ id, result });
  } catch (error) {
    post({ id, error: error instanceof Error ? error.message : String(error) });
  }
}

/** One call at a time, in order: what is opened must be there before something else is done with it. */
let last: Promise<unknown> = Promise.resolve();
self.onmessage = ({ data }: MessageEvent<Call>) => {
  last = last.then(() => answer(data));
};
