/** The script of the worker that is the workbench of a page. */
import { InklingError } from "../../base/error.ts";
import { decodePack } from "../../formats/pack.ts";
import { type Answer, type Call, Turns } from "../calls.ts";
import type { Host } from "./host.ts";
import { Session } from "./session.ts";
import { Storage } from "./storage.ts";

async function fetched(url: URL): Promise<Uint8Array> {
  const response = await fetch(url);
  if (response.ok) return new Uint8Array(await response.arrayBuffer());
  throw new InklingError("NETWORK", `${url.href} cannot be fetched: the server responded with ${response.status}`);
}

/** A worker keeps its files in the browser, and the letters are beside its script. */
const host: Host = {
  backend: "wasm",
  openStorage: () => Storage.open("studio"),
  letters: async () => decodePack(await fetched(new URL("letters.inkling", self.location.href))),
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

const turns = new Turns();
self.onmessage = ({ data }: MessageEvent<Call>) => void turns.take(data.method, () => answer(data));
