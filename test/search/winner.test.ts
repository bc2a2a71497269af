import { expect, it } from "vitest";
import { describeConfirmation, meanScore } from "../../src/cli/search/winner.ts";

const of = (...scores: readonly (number | null)[]) => ({ trial: 1, scores });

it("compares a winner with the mean of its parameters with other seeds", () => {
  expect(describeConfirmation(of(0.9, 0.8), 0.9, true)).toBe(
    "With 2 other seeds: 85.0 % on average; the search flatters its winner by 5.0 points",
  );
  expect(describeConfirmation(of(0.5, 0.3), 0.45, false)).toBe(
    "With 2 other seeds: 0.4000 on average; the search does not flatter its winner",
  );
});

it("leaves trainings that failed out of the mean, and says how many they are", () => {
  expect(meanScore(of(0.9, null, 0.8))).toBeCloseTo(0.85);
  expect(describeConfirmation(of(0.9, null, 0.8), 0.9, true)).toBe(
    "With 3 other seeds, 1 of which failed: 85.0 % on average; the search flatters its winner by 5.0 points",
  );
  expect(meanScore(of(null, null))).toBeUndefined();
  expect(describeConfirmation(of(null, null), 0.9, true)).toBe("With 2 other seeds: every training failed");
});
