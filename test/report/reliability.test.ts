import { expect, it } from "vitest";
import { reliabilityChart } from "../../src/report/reliability.ts";

it("draws no point of a reliability diagram for a handful of images", () => {
  const at = (bins: number, count: number) => {
    const all = Array.from({ length: bins }, (_, b) => ({ count, confidence: (b + 1) / bins, accuracy: b % 2 }));
    const one = { temperature: 1, attenuation: 1, error: 0, bins: all };
    return reliabilityChart({ before: one, after: one }).series.at(-1)!.points;
  };
  expect(at(15, 100)).toHaveLength(15);
  expect(at(10, 2)).toEqual([
    [0.3, 0.4],
    [expect.closeTo(0.8), 0.6],
  ]);
  expect(at(3, 1)).toEqual([[2 / 3, 1 / 3]]);
  expect(at(0, 0)).toEqual([]);
});
