import type { Update } from "../../src/studio/updates.ts";
import { decodeBody, decodeLine, encodeBody } from "../../src/studio/wire.ts";
import type { WorkbenchMethod } from "../../src/studio/workbench.ts";

/** What answers requests. */
interface App {
  request(path: string, init?: RequestInit): Response | Promise<Response>;
}

const Host = "127.0.0.1:4000";

/** A page of a studio's server: it calls methods, and follows what is reported. */
export class TestPage {
  readonly #app: App;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(app: App, token: string) {
    this.#app = app;
    this.#headers = { Host, Authorization: `Bearer ${token}` };
  }

  /** The result of a call. Throws the message of an error. */
  async call(method: WorkbenchMethod, ...args: readonly unknown[]): Promise<unknown> {
    const body = await encodeBody(args).arrayBuffer();
    const response = await this.#app.request(`/calls/${method}`, { method: "POST", headers: this.#headers, body });
    if (!response.ok) throw new Error(((await response.json()) as { error: { message: string } }).error.message);
    return decodeBody(new Uint8Array(await response.arrayBuffer()));
  }

  /** The updates until one is as wanted, the last of them; others may come after it. */
  async until<U extends Update>(isWanted: (update: Update) => update is U): Promise<readonly [...Update[], U]> {
    const seen: Update[] = [];
    for await (const update of this.follow()) {
      seen.push(update);
      if (isWanted(update)) return seen as unknown as readonly [...Update[], U];
    }
    throw new Error(`the stream ended after ${seen.map(({ type }) => type).join(", ")}`);
  }

  /** All updates, beginning with those that were reported before. */
  async *follow(): AsyncGenerator<Update, void> {
    const response = await this.#app.request("/events", { headers: this.#headers });
    if (!response.ok) throw new Error(`${response.status}`);
    const text = new TextDecoder();
    let rest = "";
    for await (const bytes of response.body!) {
      const events = (rest + text.decode(bytes, { stream: true })).split("\n\n");
      rest = events.pop()!;
      for (const event of events) if (event.startsWith("data: ")) yield decodeLine(event.slice(6)) as Update;
    }
  }
}

type Of<T extends Update["type"]> = Update & { readonly type: T };

export const isResult = (update: Update): update is Of<"result"> => update.type === "result";
export const isProgress = (update: Update): update is Of<"progress"> => update.type === "progress";
export const isProblem = (update: Update): update is Of<"problem"> => update.type === "problem";
export const isActivity =
  (activity: Of<"activity">["activity"]) =>
  (update: Update): update is Of<"activity"> =>
    update.type === "activity" && update.activity === activity;
