import { describe, expect, it } from "vitest";
import { TimeLeft } from "../../src/training/timeLeft.ts";

describe("the time left", () => {
  it("forgets within a second that the first steps were slow", () => {
    const left = new TimeLeft();
    left.trained(1, 2);
    expect(left.secondsFor(10, 0)).toBeCloseTo(20);
    for (let call = 0; call < 10; call++) left.trained(10, 0.1);
    expect(left.secondsFor(1000, 0)).toBeGreaterThan(9.99);
    expect(left.secondsFor(1000, 0)).toBeLessThan(11);
  });

  it("follows a machine that becomes slower", () => {
    const left = new TimeLeft();
    for (let call = 0; call < 500; call++) left.trained(10, 0.1);
    expect(left.secondsFor(1000, 0)).toBeCloseTo(10);
    for (let call = 0; call < 200; call++) left.trained(10, 0.2);
    expect(left.secondsFor(1000, 0)).toBeGreaterThan(19);
    expect(left.secondsFor(1000, 0)).toBeLessThan(20);
  });

  it("counts validations and tests to come", () => {
    const left = new TimeLeft();
    left.trained(10, 1);
    expect(left.secondsFor(5, 100)).toBeCloseTo(0.5);
    left.evaluated(50, 0.5);
    left.evaluated(0, 0);
    expect(left.secondsFor(5, 100)).toBeCloseTo(1.5);
  });
});
