import type { Update } from "../updates.ts";

type Type = Update["type"];

/** How many reports of progress a recap has at most; then every second one is left out. */
const MOST_PROGRESS = 240;

const ofTraining = ["started", "progress", "validation", "inside", "notLearning", "result"] as const;

/**
 * What a page that comes later is told of each kind of update, in this order: the last one, all of them, or none; and which
 * other kinds an update makes void.
 */
const kinds: { readonly [T in Type]: { readonly keep: "last" | "all" | "none"; readonly voids?: readonly Type[] } } = {
  machine: { keep: "last" },
  storage: { keep: "last" },
  data: { keep: "last", voids: ["edited", "division", "undivided", "check", "sweep", ...ofTraining] },
  edited: { keep: "last" },
  division: { keep: "last", voids: ["undivided"] },
  undivided: { keep: "last", voids: ["division"] },
  opening: { keep: "none" },
  check: { keep: "last" },
  started: { keep: "last", voids: ofTraining },
  progress: { keep: "all" },
  validation: { keep: "all" },
  inside: { keep: "last" },
  notLearning: { keep: "last" },
  result: { keep: "last" },
  activity: { keep: "last" },
  runs: { keep: "last" },
  sweep: { keep: "last" },
  problem: { keep: "none" },
  connection: { keep: "none" },
  newVersion: { keep: "none" },
  canIsolate: { keep: "none" },
};

/** What a workbench has reported, as far as a page that comes later has to know it. */
export class Recap {
  readonly #kept = new Map<Type, Update[]>();
  /** Of the reports of progress, every `spacing`-th is kept, and the last one. */
  #spacing = 1;
  #count = 0;

  add(update: Update): void {
    const { keep, voids = [] } = kinds[update.type];
    const isEnd = update.type === "activity" && update.activity === "idle";
    for (const type of isEnd ? ofTraining : voids) this.#kept.delete(type);
    if (keep === "none") return;
    const before = keep === "all" ? (this.#kept.get(update.type) ?? []) : [];
    this.#kept.set(update.type, update.type === "progress" ? this.#thinned(before, update) : [...before, update]);
  }

  /** The updates that a page needs, in the order in which it can take them. */
  updates(): readonly Update[] {
    return (Object.keys(kinds) as Type[]).flatMap((type) => this.#kept.get(type) ?? []);
  }

  #thinned(before: readonly Update[], update: Update): Update[] {
    if (before.length === 0) [this.#spacing, this.#count] = [1, 0];
    // The last one takes the place of that before it, unless that one is to stay.
    const all = [...(this.#count++ % this.#spacing === 0 ? before : before.slice(0, -1)), update];
    if (all.length < MOST_PROGRESS) return all;
    this.#spacing *= 2;
    return all.filter((_, k) => k % 2 === 1);
  }
}
