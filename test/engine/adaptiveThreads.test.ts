import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { AdaptiveThreads } from "../../src/engine/adaptiveThreads.ts";
import { Synchronization } from "../../src/engine/synchronization.ts";

let now = 0;
beforeEach(() => {
  now = 0;
  vi.spyOn(performance, "now").mockImplementation(() => now);
});
afterEach(() => vi.restoreAllMocks());

/** Calls of 0.1 s each, on a machine where a step takes as long as `seconds` says; the numbers of threads used. */
function calls(
  adaptive: AdaptiveThreads,
  count: number,
  seconds: (threads: number) => number,
  haveWaited = true,
): readonly number[] {
  return Array.from({ length: count }, () => {
    const { next } = adaptive;
    now += 100;
    adaptive.record(seconds(next), haveWaited && next > 1);
    return next;
  });
}

it("uses all threads where they do not wait for one another", () => {
  const adaptive = new AdaptiveThreads(4);
  expect(new Set(calls(adaptive, 1000, () => 1, false))).toEqual(new Set([4]));
});

it("uses fewer where they are faster, and all again once those are", () => {
  const adaptive = new AdaptiveThreads(4);
  calls(adaptive, 100, (threads) => threads);
  expect(adaptive.threads).toBe(1);
  calls(adaptive, 2000, (threads) => 1 / threads, false);
  expect(adaptive.threads).toBe(4);
});

it("keeps all where fewer are not clearly faster, and tries them ever more rarely", () => {
  const adaptive = new AdaptiveThreads(2);
  const used = calls(adaptive, 3000, () => 1);
  expect(adaptive.threads).toBe(2);
  const trials = used.filter((threads) => threads === 1).length / 3;
  expect(trials).toBeGreaterThan(1);
  expect(trials).toBeLessThan(12);
});

it("a thread that is alone passes every barrier, and does not wait", () => {
  const synchronization = new Synchronization(false);
  synchronization.gather(1);
  for (let phase = 0; phase < 3; phase++) {
    expect([synchronization.next(), synchronization.next()]).toEqual([0, 1]);
    expect(synchronization.arrive()).toBe(true);
  }
  expect(synchronization.takeSleeps()).toBe(0);
});
