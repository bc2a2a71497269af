import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { multiplyHigh, permutation, philox, purposes, toUnit, type Words } from "../../src/base/philox.ts";

describe("philox 4x32-10", () => {
  // The known-answer vectors that its authors publish with Random123 (kat_vectors, philox4x32 10).
  it.each<[number[], number[], number[]]>([
    [
      [0, 0, 0, 0],
      [0, 0],
      [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
    ],
    [Array(4).fill(0xffffffff), Array(2).fill(0xffffffff), [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ])("gives the published words for counter %j", (counter, key, want) => {
    expect(philox(key as [number, number], counter as unknown as Words)).toEqual(want);
  });

  it("has a key of its own for each purpose", () => {
    const numbers = Object.values(purposes);
    expect(new Set(numbers).size).toBe(numbers.length);
  });

  it("multiplies 32-bit integers exactly", () => {
    const uint32 = fc.integer({ min: 0, max: 0xffffffff });
    fc.assert(fc.property(uint32, uint32, (a, b) => multiplyHigh(a, b) === Number((BigInt(a) * BigInt(b)) >> 32n)));
  });

  it("maps words into [0, 1)", () => {
    expect(toUnit(0)).toBe(0);
    expect(toUnit(0xffffffff)).toBe(1 - 2 ** -24);
  });
});

describe("permutation", () => {
  it("holds every number once, and is fixed by its seed", () => {
    fc.assert(
      fc.property(fc.nat(200), fc.nat(), (count, seed) => {
        const order = permutation(count, seed, "test");
        expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i));
        expect(permutation(count, seed, "test")).toEqual(order);
      }),
    );
    expect(permutation(100, 1, "test")).not.toEqual(permutation(100, 2, "test"));
    expect(permutation(100, 1, "test")).not.toEqual(permutation(100, 1, "shuffle"));
  });
});
