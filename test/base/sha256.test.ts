import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nodeSha256 } from "../../src/base/node/sha256.ts";
import { createSha256, sha256 } from "../../src/base/sha256.ts";

const expected = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

describe.each([
  ["the portable", createSha256],
  ["Node's", nodeSha256],
] as const)("%s SHA-256", (_, create) => {
  it("is that of all pieces one after another", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 90 }), { maxLength: 5 }), (pieces) => {
        const hash = create();
        for (const piece of pieces) hash.update(piece);
        expect(hash.digest()).toBe(expected(Buffer.concat(pieces)));
      }),
      { seed: 3 },
    );
  });

  it("keeps no piece: it may change once it was hashed", () => {
    const hash = create();
    const piece = new Uint8Array(1000).fill(7);
    hash.update(piece);
    piece.fill(0);
    expect(hash.digest()).toBe(expected(new Uint8Array(1000).fill(7)));
  });
});

describe("sha256", () => {
  it("takes memory shared between threads, and numbers of several bytes", async () => {
    const shared = new Uint8Array(new SharedArrayBuffer(9)).fill(7);
    expect(await sha256(shared)).toBe(expected(new Uint8Array(9).fill(7)));
    expect(await sha256(Uint16Array.of(0x0201, 0x0403))).toBe(expected(Uint8Array.of(1, 2, 3, 4)));
  });
});
