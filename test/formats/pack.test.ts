import { deflateSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InklingError } from "../../src/base/error.ts";
import { allocate } from "../../src/base/memory.ts";
import { sha256 } from "../../src/base/sha256.ts";
import type { Dataset } from "../../src/datasets/index.ts";
import { inflate, STREAM_IT } from "../../src/formats/deflate.ts";
import { decodePack, encodePack } from "../../src/formats/pack.ts";
import { sample } from "../datasets/datasets.ts";

fc.configureGlobal({ seed: 4 });

const HEADER_AT = 8 + 4 + 64;
const headerLength = (pack: Uint8Array) => new DataView(pack.buffer).getUint32(8, true);
const headerOf = (pack: Uint8Array) =>
  JSON.parse(new TextDecoder().decode(pack.subarray(HEADER_AT, HEADER_AT + headerLength(pack))));

/** The same pack with another header, whose length and checksum are right. */
async function withHeader(pack: Uint8Array, header: unknown): Promise<Uint8Array> {
  const json = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const length = new Uint8Array(Uint32Array.of(json.length).buffer);
  const sections = pack.subarray(HEADER_AT + headerLength(pack));
  const digest = new TextEncoder().encode(await sha256(json));
  return Uint8Array.from([...pack.subarray(0, 8), ...length, ...digest, ...json, ...sections]);
}

/** What decoding throws, which must be an InklingError, or undefined where it gives a data set. */
async function refusal(pack: Uint8Array): Promise<InklingError | undefined> {
  try {
    await decodePack(pack);
    return undefined;
  } catch (error) {
    if (!(error instanceof InklingError)) throw error;
    return error;
  }
}

describe("pack", () => {
  const sets: Record<string, Dataset> = {
    plain: sample(50),
    grouped: sample(
      50,
      4,
      Uint32Array.from({ length: 50 }, (_, i) => i >> 2),
    ),
    named: { ...sample(50), names: Array.from({ length: 50 }, (_, i) => `A/é\n${i}.png`) },
    empty: sample(0),
  };

  it.each(Object.keys(sets))("gives back what went in: %s, compressed, by zlib, and raw", async (name) => {
    const dataset = sets[name]!;
    for (const options of [{}, { compress: false }, { deflate: (raw: Uint8Array) => deflateSync(raw, { level: 9 }) }])
      expect(await decodePack(await encodePack(dataset, options))).toEqual(dataset);
  });

  it("is the same bytes each time", async () => {
    expect(await encodePack(sample(20))).toEqual(await encodePack(sample(20)));
  });

  it("reads a view into a larger buffer, and memory shared between threads", async () => {
    const pack = await encodePack(sample(9));
    const larger = new Uint8Array(new SharedArrayBuffer(pack.length + 10)).subarray(3, 3 + pack.length);
    larger.set(pack);
    expect(await decodePack(larger)).toEqual(sample(9));
  });

  it("finds every changed byte", async () => {
    for (const options of [{}, { compress: false }]) {
      const pack = await encodePack(sample(8), options);
      for (let at = 0; at < pack.length; at++) {
        const broken = pack.slice();
        broken[at]! ^= 0x10;
        const error = await refusal(broken);
        // A bit of deflate's own framing may change nothing that is decoded.
        if (!error) expect(await decodePack(broken)).toEqual(sample(8));
      }
    }
  });

  it("finds a file cut anywhere, and one with more at its end", async () => {
    const pack = await encodePack(sample(8));
    for (let length = 0; length < pack.length; length++)
      expect((await refusal(pack.slice(0, length)))?.code).toBe(length < 8 ? "UNKNOWN_FORMAT" : "INVALID_DATA");
    expect((await refusal(Uint8Array.from([...pack, 0])))?.message).toMatch("1 bytes follow its end");
  });

  it("refuses another version or kind, and says what to do", async () => {
    const pack = await encodePack(sample(8));
    for (const change of [{ formatVersion: 2 }, { kind: "model" }]) {
      const error = await refusal(await withHeader(pack, { ...headerOf(pack), ...change }));
      expect(error?.code).toBe("UNKNOWN_FORMAT");
      expect(error?.message).toMatch(/formatVersion \d.*update inkling/);
    }
  });

  it.each<[string, (header: ReturnType<typeof headerOf>) => void, RegExp]>([
    ["a count that does not fit", (h) => (h.count = 9), /images have 48 bytes, .*expected 54 for 9 images/],
    ["a section that is missing", (h) => h.sections.pop(), /its sections are "images"/],
    ["sections in another order", (h) => h.sections.reverse(), /its sections are "labels images"/],
    ["another dtype", (h) => (h.sections[1].dtype = "uint32"), /labels are uint32, expected uint16/],
    ["a wrong checksum", (h) => (h.sections[0].sha256 = "0".repeat(64)), /the checksum of its images is wrong/],
    ["a label beyond the classes", (h) => h.classNames.pop(), /label of image 2 is 2, expected 0 to 1/],
    ["an image size of no size", (h) => (h.imageShape = [0, 2, 1]), /imageShape/],
    ["more bytes than there are", (h) => (h.sections[1].bytes += 5), /truncated/],
  ])("refuses %s", async (_, change, message) => {
    const pack = await encodePack(sample(8));
    const header = headerOf(pack);
    change(header);
    const error = await refusal(await withHeader(pack, header));
    expect(error?.code).toBe("INVALID_DATA");
    expect(error?.message).toMatch(message);
  });

  it("takes no memory for what a few bytes cannot hold, and stops at the size that is claimed", async () => {
    const zeros = { ...sample(100_000), images: new Uint8Array(600_000) };
    const pack = await encodePack(zeros);
    const header = headerOf(pack);
    header.imageShape = [60000, 60000, 1];
    header.sections[0].rawBytes = 60000 * 60000 * 100_000;
    expect((await refusal(await withHeader(pack, header)))?.message).toMatch(/too many for its/);
    const smaller = headerOf(pack);
    smaller.imageShape = [1, 2, 1];
    smaller.sections[0].rawBytes = 200_000;
    expect((await refusal(await withHeader(pack, smaller)))?.message).toMatch(/more than the 200000 bytes/);
  });

  it("throws nothing but InklingError for bytes changed at random, the checksum of the header made right", async () => {
    const pack = await encodePack(sample(30));
    const edits = fc.array(fc.tuple(fc.nat(pack.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(edits, fc.nat(20), async (changes, cut) => {
        const broken = pack.slice(0, pack.length - cut);
        for (const [at, byte] of changes) if (at >= 12 && at < broken.length) broken[at] = byte;
        const json = broken.subarray(HEADER_AT, HEADER_AT + headerLength(pack));
        broken.set(new TextEncoder().encode(await sha256(json)), 12);
        await refusal(broken);
      }),
      { numRuns: 300 },
    );
  });

  it("refuses a size that no array can have", async () => {
    const error = await inflate("pack: images", new Uint8Array(2 ** 24), 1032 * 2 ** 24).catch((reason) => reason);
    expect(error).toBeInstanceOf(InklingError);
    expect(() => allocate(2 ** 53, "pack: images", STREAM_IT)).toThrow(
      /^pack: images would take 8589934592 MiB, but of the/,
    );
  });

  it("throws nothing but InklingError for any bytes after the magic ones", async () => {
    const magic = [...(await encodePack(sample(1))).subarray(0, 8)];
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        expect(await refusal(Uint8Array.from([...magic, ...bytes]))).toBeInstanceOf(InklingError);
        expect(await refusal(bytes)).toBeInstanceOf(InklingError);
      }),
    );
  });
});
