import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exp, log, power } from "../../src/tensor/math.ts";

const relative = (got: number, want: number) => Math.abs(got - want) / Math.abs(want);

describe("elementary functions", () => {
  it("log is within two units in the last place of the engine's own", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-300, max: 1e300, noNaN: true }), (x) => {
        expect(Math.abs(log(x) - Math.log(x))).toBeLessThanOrEqual(
          5e-16 * Math.max(1e-300, Math.abs(Math.log(x))) + 1e-18,
        );
      }),
    );
    expect(log(1)).toBe(0);
  });

  it("exp is within 1e-15 of the engine's own", () => {
    fc.assert(
      fc.property(fc.double({ min: -700, max: 700, noNaN: true }), (x) => {
        expect(relative(exp(x), Math.exp(x))).toBeLessThan(1e-15);
      }),
    );
    expect(exp(0)).toBe(1);
  });

  it("power takes whole and broken exponents", () => {
    expect(power(0.96, 0)).toBe(1);
    expect(power(2, 10)).toBe(1024);
    expect(relative(power(0.96, 0.5), Math.sqrt(0.96))).toBeLessThan(1e-15);
    expect(relative(power(0.96, 37), 0.96 ** 37)).toBeLessThan(1e-14);
  });
});
