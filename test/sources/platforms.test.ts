import { deflateRawSync, gunzipSync, gzipSync, inflateRawSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Pieces, Platform } from "../../src/formats/platform.ts";
import { browserPlatform } from "../../src/sources/browser/platform.ts";
import { nodePlatform } from "../../src/sources/node/platform.ts";

async function joined(pieces: Pieces): Promise<Buffer> {
  const all = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}
async function* cut(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
const some = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * i) >> 7));
const zeros = Buffer.alloc(2 ** 22);

// What a browser has of streams, Node has as well.
describe.each<[string, Platform]>([
  ["Node", nodePlatform],
  ["browser", browserPlatform],
])("the platform of %s", (_, platform) => {
  it("gunzips and gzips whatever the pieces", async () => {
    for (const bytes of [Buffer.alloc(0), Buffer.from("a"), some])
      for (const size of [1000, 65537]) {
        expect((await joined(platform.gunzip(cut(gzipSync(bytes), size)))).equals(bytes)).toBe(true);
        expect(gunzipSync(await joined(platform.gzip(cut(bytes, size)))).equals(bytes)).toBe(true);
      }
  });

  it("rejects what is cut off or damaged, and passes on what the pieces throw", async () => {
    const packed = gzipSync(some);
    await expect(joined(platform.gunzip([packed.subarray(0, -9)]))).rejects.toThrow();
    packed[packed.length - 6]! ^= 1; // the CRC-32
    await expect(joined(platform.gunzip([packed]))).rejects.toThrow();
    async function* failing() {
      yield gzipSync(some).subarray(0, 1000);
      throw new RangeError("the file is gone");
    }
    await expect(joined(platform.gunzip(failing()))).rejects.toThrow("the file is gone");
    await expect(joined(platform.gzip(failing()))).rejects.toThrow("the file is gone");
  });

  it("lets go of the pieces where nobody wants more", async () => {
    let closed = false;
    async function* pieces() {
      try {
        yield* cut(gzipSync(some), 1000);
      } finally {
        closed = true;
      }
    }
    for await (const _ of platform.gunzip(pieces())) break;
    await expect.poll(() => closed).toBe(true);
  });

  it("looks into the start of a gzipped file", () => {
    expect(platform.gunzipStart(gzipSync(some).subarray(0, 4096)).length).toBeGreaterThan(512);
    expect(some.indexOf(platform.gunzipStart(gzipSync(some).subarray(0, 4096)))).toBe(0);
    expect(Buffer.from(platform.gunzipStart(gzipSync(Buffer.from("abc")))).toString()).toBe("abc");
    for (const bytes of [Buffer.of(0x1f, 0x8b), gzipSync(some).subarray(0, 10), Buffer.from("\x1f\x8bxxxxxxxxxxxxxxx")])
      expect(platform.gunzipStart(bytes).length).toBe(0);
  });

  it("inflates to the size that is claimed, and refuses more or, when it is large, lets its start be checked", async () => {
    for (const bytes of [Buffer.alloc(0), some, zeros]) {
      const packed = deflateRawSync(bytes);
      expect(Buffer.from(await platform.inflateRaw(packed, bytes.length)).equals(bytes)).toBe(true);
      if (bytes.length === 0) continue;
      await expect((async () => platform.inflateRaw(packed, bytes.length - 1))()).rejects.toThrow();
    }
    const checked: number[] = [];
    await platform.inflateRaw(deflateRawSync(zeros), zeros.length, (start) => checked.push(start.length));
    expect(checked).toEqual([expect.any(Number)]);
    const refuse = () => {
      throw new RangeError("refused");
    };
    await expect((async () => platform.inflateRaw(deflateRawSync(zeros), zeros.length, refuse))()).rejects.toThrow(
      "refused",
    );
  });

  it("deflates to what any inflater reads", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
        expect(Buffer.from(inflateRawSync(platform.deflateRaw(bytes)))).toEqual(Buffer.from(bytes));
      }),
      { seed: 3, numRuns: 50 },
    );
  });
});
