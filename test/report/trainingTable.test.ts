import { describe, expect, it } from "vitest";
import { TrainingTable } from "../../src/report/trainingTable.ts";
import type { PlanEvent, ProgressEvent, StartEvent, ValidationEvent } from "../../src/training/index.ts";

const start = (steps: number, validation = 1778) =>
  ({ type: "start", step: 0, steps, batchSize: 16, training: 16_000, validation, test: 1760 }) as StartEvent;
const progress = (step: number): ProgressEvent => ({
  ...{ type: "progress", losses: [], step, steps: 1001, loss: 1 },
  ...{ imagesPerSecond: 17_600, secondsLeft: 65 },
});
const validation = (step: number, loss = 0.25): ValidationEvent => ({
  ...{ type: "validation", step, minibatchLoss: loss, minibatchAccuracy: 0.9375 },
  ...{ images: 1778, loss: 2 * loss, accuracy: 0.9155, isBest: true },
});

describe("the log of a training", () => {
  it("has a head, and a line for each validation", () => {
    const table = new TrainingTable(start(1001), 80);
    table.progress(progress(1));
    expect(table.validation(validation(0))).toEqual([
      "epoch         step  train loss  val loss  val acc   images/s    time left",
      " 0.00      1/1,001      0.2500    0.5000   91.5 %     17,600    1 min 5 s",
    ]);
    table.progress(progress(501));
    expect(table.validation(validation(500))).toHaveLength(1);
  });

  it("shows the current number of steps where a time budget changes it", () => {
    const table = new TrainingTable(start(634), 80);
    table.validation(validation(0));
    table.plan({ type: "plan", step: 1, steps: 97 } as PlanEvent);
    expect(table.validation(validation(50))[0]).toContain(" 51/97 ");
  });

  it("shows the batches where there are no validation images", () => {
    const table = new TrainingTable(start(10, 0), 80);
    expect(table.validation(validation(9))[0]!.split(/ {2,}/)).toEqual([
      ...["epoch", "step", "train loss", "train acc", "images/s", "time left"],
    ]);
  });

  it.each([40, 60, 80])("fits %i characters, whatever its numbers are", (columns) => {
    for (const steps of [1, 1001, 9_999_999]) {
      const table = new TrainingTable(start(steps), columns);
      table.progress({ ...progress(steps), imagesPerSecond: 1_234_567, secondsLeft: 35_999 });
      const lines = [...table.validation(validation(steps - 1, 3e12)), ...table.validation(validation(0))];
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(steps > 1e6 ? Math.max(columns, 43) : columns);
      expect(new Set(lines.map(({ length }) => length)).size).toBe(1);
    }
  });
});
