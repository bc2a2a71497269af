import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cos, exp, log, power } from "../../src/base/math.ts";

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

  it("cos is within 4e-16 of the engine's own", () => {
    fc.assert(
      fc.property(fc.double({ min: -1e5, max: 1e5, noNaN: true }), (x) => {
        expect(Math.abs(cos(x) - Math.cos(x))).toBeLessThanOrEqual(4e-16);
      }),
    );
    expect([cos(0), cos(Math.PI), cos(-Math.PI)]).toEqual([1, -1, -1]);
    expect(Math.abs(cos(Math.PI / 2))).toBeLessThan(1e-16);
  });

  it("power takes whole and broken exponents", () => {
    expect(power(0.96, 0)).toBe(1);
    expect(power(2, 10)).toBe(1024);
    expect(relative(power(0.96, 0.5), Math.sqrt(0.96))).toBeLessThan(1e-15);
    expect(relative(power(0.96, 37), 0.96 ** 37)).toBeLessThan(1e-14);
  });
});
