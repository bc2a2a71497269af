import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ImageRows } from "../../src/datasets/imageRows.ts";

describe("ImageRows", () => {
  it("gives the images asked for in any order, also after it has grown, whatever share it is told", () => {
    const order = fc.uniqueArray(fc.nat(199), { maxLength: 200 });
    fc.assert(
      fc.property(order, fc.constantFrom(0, 0.01, 0.5, 1), (chosen, share) => {
        const rows = new ImageRows([20, 25, 1]);
        for (let i = 0; i < 200; i++) expect(rows.push(new Uint8Array(500).fill(i), share)).toBe(i);
        const taken = rows.take(Uint32Array.from(chosen));
        expect(taken.length).toBe(chosen.length * 500);
        for (const [at, number] of chosen.entries())
          expect([taken[at * 500], taken[at * 500 + 499]]).toEqual([number, number]);
      }),
      { seed: 4, numRuns: 50 },
    );
  });

  it("says so where memory cannot hold the images", () => {
    expect(() => new ImageRows([2 ** 20, 2 ** 20, 4096])).toThrow(
      expect.objectContaining({
        code: "UNSUPPORTED",
        message: expect.stringMatching(/^the images: \d+ bytes of memory cannot be allocated here/),
      }),
    );
  });
});
