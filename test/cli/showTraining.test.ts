import { describe, expect, it } from "vitest";
import { showTraining } from "../../src/cli/showTraining.ts";
import type { Terminal } from "../../src/cli/terminal.ts";
import type { StartEvent, TrainEvent, TrainResult } from "../../src/index.ts";

/** What is printed for the events of a training of 634 planned steps. */
function shown(events: readonly object[]): readonly string[] {
  const lines: string[] = [];
  const print = (line: string) => void lines.push(line);
  const same = (text: string) => text;
  const nothing = () => {};
  const terminal: Terminal = {
    ...{ out: print, note: print, columns: 80, bold: same, dim: same },
    ...{ picture: nothing, progress: nothing, clear: nothing },
  };
  const show = showTraining(terminal);
  for (const event of [start, ...events]) show(event as TrainEvent);
  return lines;
}

const start = {
  ...{ type: "start", step: 0, steps: 634, batchSize: 16, training: 800, validation: 100, test: 100, threads: 1 },
  ...{ backend: "wasm", arithmetic: "fma", warnings: [] },
} as unknown as StartEvent;
const test = { accuracy: 0.75, count: 100, interval: [0.65, 0.83] };
const end = (result: object = {}) => ({
  type: "end",
  result: {
    steps: 264,
    stoppedEarly: false,
    test,
    learning: { status: "learning" },
    ...result,
  } as unknown as TrainResult,
});
const plan = (step: number, steps: number) => ({ type: "plan", step, steps });

describe("the lines of a training", () => {
  it("say once, at the end, what a time budget was enough for", () => {
    const lines = shown([plan(1, 97), plan(60, 166), plan(150, 264), end()]);
    expect(lines.filter((line) => line.includes("budget"))).toEqual([
      "The time budget was enough for 264 steps; 634 were planned at the start",
    ]);
    expect(lines.join("\n")).not.toContain("97");
  });

  it("do not mention a budget where the plan was kept", () => {
    expect(shown([end({ steps: 634 })]).join("\n")).not.toContain("budget");
  });

  it("recommend the best weights only where validation was clearly better, whatever the test images say", () => {
    const best = (accuracy: number, of: number) =>
      shown([
        end({
          best: { step: 1, accuracy, loss: 0.5, test: { ...test, accuracy: of } },
          validation: { accuracy: 0.5, count: 100, interval: [0.4, 0.6] },
        }),
      ]).at(-1);
    expect(best(0.75, 0.25)).toBe(
      "With the best weights, from step 1: 25.0% (validation 75.0%); use them with --weights best",
    );
    expect(best(0.55, 0.8)).toBe("With the best weights, from step 1: 80.0% (validation 55.0%)");
  });
});
