import { Problem } from "../../serve/problem.ts";
import type { Update } from "../updates.ts";
import { encodeLine } from "../wire.ts";
import { Recap } from "./recap.ts";

/** Pages that follow at the same time. */
const MOST_FOLLOWERS = 16;
/** Updates that may wait for a page that is slow; it is then cut off, connects again, and gets a recap. */
const MOST_WAITING = 500;
/** Milliseconds between signs of life, by which a connection that is gone is found. */
const SIGN_OF_LIFE = 15_000;

/** Of these only the latest is of interest, so one that waits is replaced. */
const isPassing = ({ type }: Update): boolean => type === "inside" || type === "progress";

interface Follower {
  add(update: Update, line: string): void;
  end(): void;
}

/** What a workbench reports, as streams of server-sent events: each begins with a recap of what was reported before. */
export class Feed {
  readonly #recap = new Recap();
  readonly #followers = new Set<Follower>();

  /** Tells all pages, and remembers it for those that come later. */
  report(update: Update): void {
    this.#recap.add(update);
    if (this.#followers.size === 0) return;
    const line = lineOf(update);
    for (const follower of this.#followers) follower.add(update, line);
  }

  /** How many pages follow. */
  get followers(): number {
    return this.#followers.size;
  }

  /** A stream for a page. Throws `TOO_MANY_REQUESTS` if too many follow already. */
  follow(): ReadableStream<Uint8Array> {
    if (this.#followers.size >= MOST_FOLLOWERS)
      throw new Problem("TOO_MANY_REQUESTS", `${MOST_FOLLOWERS} pages are connected already; close one of them`);
    const waiting: { readonly type?: Update["type"]; readonly line: string }[] = [];
    const text = new TextEncoder();
    let wake = () => {};
    let hasEnded = false;
    const add = (line: string, type?: Update["type"]) => {
      waiting.push({ line, ...(type && { type }) });
      wake();
    };
    const follower: Follower = {
      add(update, line) {
        const at = isPassing(update) ? waiting.findIndex(({ type }) => type === update.type) : -1;
        if (at >= 0) waiting.splice(at, 1);
        if (waiting.length >= MOST_WAITING) leave();
        else add(line, update.type);
      },
      end: () => leave(),
    };
    const life = setInterval(() => waiting.length === 0 && add(":\n\n"), SIGN_OF_LIFE);
    const leave = () => {
      hasEnded = true;
      clearInterval(life);
      this.#followers.delete(follower);
      wake();
    };
    for (const update of this.#recap.updates()) waiting.push({ line: lineOf(update) });
    this.#followers.add(follower);
    return new ReadableStream({
      async pull(controller) {
        while (waiting.length === 0 && !hasEnded)
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        if (hasEnded) controller.close();
        else controller.enqueue(text.encode(waiting.shift()!.line));
      },
      cancel: leave,
    });
  }

  /** Ends all streams. */
  end(): void {
    for (const follower of [...this.#followers]) follower.end();
  }
}

const lineOf = (update: Update): string => `data: ${encodeLine(update)}\n\n`;
