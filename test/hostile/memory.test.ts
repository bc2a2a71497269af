import { deflateSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import { crc32 } from "../../src/base/crc32.ts";
import { parseJsonText } from "../../src/base/json.ts";
import { limitMemory, memoryLimit } from "../../src/base/memory.ts";
import { ImageRows } from "../../src/datasets/imageRows.ts";
import { allocateMemory } from "../../src/engine/engine.ts";
import { readPickledArrays } from "../../src/formats/pickle/read.ts";
import { decodePicture } from "../../src/image/decode.ts";
import type { DecodeThreads } from "../../src/image/pool.ts";
import { DecodePool } from "../../src/image/pool.ts";
import { parseModel } from "../../src/index.node.ts";
import { decodeSafetensors, encodeSafetensors } from "../../src/runs/safetensors.ts";
import { withoutMemory } from "./allocations.ts";

const usual = memoryLimit();
afterEach(() => limitMemory(usual));

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(data.length);
  ends.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
}

/** A PNG of zeros, in as many bytes as it takes to be believed. */
function png(width: number, height: number, bits: number, color: number, ...more: readonly Buffer[]): Buffer {
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, bits, color, 0, 0, 0]);
  header.writeUInt32BE(width);
  header.writeUInt32BE(height, 4);
  const start = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");
  const pixels = deflateSync(Buffer.alloc(height * (1 + width)));
  return Buffer.concat([start, chunk("IHDR", header), ...more, chunk("IDAT", pixels), chunk("IEND", Buffer.alloc(0))]);
}

/** A decoder that keeps what it is given. */
function keeping() {
  const seen: Uint8Array[] = [];
  const decode = (file: Uint8Array) => {
    seen.push(file);
    return { width: 1, height: 1, channels: 1, bytesPerSample: 1, data: new Uint8Array(1), problem: "" };
  };
  return { seen, decoder: { decode } as unknown as Parameters<typeof decodePicture>[0] };
}

describe("pictures", () => {
  const padded = (file: Buffer) => Buffer.concat([file, Buffer.alloc(600_000)]);

  it("are refused by pixels and bytes, before anything is decoded", () => {
    const { seen, decoder } = keeping();
    expect(() => decodePicture(decoder, padded(png(8192, 8192, 16, 6)))).toThrow(
      "its 8192 × 8192 pixels take 536870912 bytes, more than the limit of 402653184; make it smaller",
    );
    limitMemory(2 ** 26);
    expect(() => decodePicture(decoder, padded(png(4096, 4096, 8, 2)))).toThrow(
      /^decoding the picture would take 192 MiB, but of the 64 MiB that this process may use only 0 MiB are left; make it/,
    );
    expect(seen).toEqual([]);
  });

  it("reach the decoder without texts and color profiles, which it would decompress", () => {
    const { seen, decoder } = keeping();
    const profile = chunk("iCCP", Buffer.concat([Buffer.from("x\0\0"), deflateSync(Buffer.alloc(1000))]));
    const plain = png(2, 2, 8, 0);
    decodePicture(decoder, png(2, 2, 8, 0, profile, chunk("zTXt", Buffer.from("a"))));
    decodePicture(decoder, plain);
    expect(Buffer.from(seen[0]!).equals(plain)).toBe(true);
    expect(seen[1]).toBe(plain);
  });

  it("are decoded by other threads only as far as memory allows", async () => {
    let posted = 0;
    const threads: DecodeThreads = {
      count: 3,
      start: () => ({ post: () => posted++, close: () => {} }),
    };
    const pool = await DecodePool.open({}, threads);
    const file = png(3000, 3000, 8, 0); // 36 MB to decode
    for (let n = 0; n < 64; n++) pool.decode([png(2, 2, 8, 0)]);
    limitMemory(2 ** 30); // a quarter holds seven of them
    pool.decode([file]);
    expect(posted).toBe(1);
    limitMemory(2 ** 27);
    expect(Array.isArray(pool.decode([png(2, 2, 8, 0)]))).toBe(true); // here
    expect(posted).toBe(1);
  });

  it("in any number are refused where they exceed the budget", () => {
    limitMemory(2 ** 26); // less than this process has
    const rows = new ImageRows([4096, 4096, 3]);
    expect(() => rows.push(new Uint8Array(0))).toThrow(/^the images would take 64 MiB, .* or take fewer, or raise/);
  });
});

it("the memory of a network is refused where it exceeds the budget", () => {
  limitMemory(2 ** 26);
  expect(() => allocateMemory({ pages: 1024, shared: false })).toThrow(/^the network would take 64 MiB/);
});

it.each([
  [16, /^this process cannot allocate 1 MiB of memory for the network; .*address space.* ulimit -v unlimited$/],
  [4096, /^this process cannot allocate 256 MiB of memory for the network; use a smaller network or a smaller batch$/],
])(
  "a network's memory of %i pages that an engine refuses is reported with its size and what helps",
  async (pages, message) => {
    limitMemory(2 ** 40);
    const { error } = await withoutMemory(1, async () => allocateMemory({ pages, shared: false }));
    expect(error).toMatchObject({ code: "UNSUPPORTED", message: expect.stringMatching(message) });
  },
);

describe("a pickle", () => {
  it("is read in memory for its texts, however often it refers to them", () => {
    const text = Buffer.from(`X${"\x03\0\0\0"}abcq\x02`, "latin1");
    const list = Buffer.concat([Buffer.from("]q\x01(", "latin1"), text, Buffer.from("h\x02".repeat(9), "latin1")]);
    const keys = Array.from({ length: 4 }, (_, k) => `${k === 0 ? "e" : ""}X${"\x01\0\0\0"}${k}h\x01`).join("");
    const file = Buffer.concat([
      Buffer.from("\x80\x04}q\0(X\x01\0\0\0a", "latin1"),
      list,
      Buffer.from(`${keys}u.`, "latin1"),
    ]);
    const { names } = readPickledArrays(file);
    expect(names.size).toBe(5);
    expect(new Set(names.values()).size).toBe(1);
    expect(names.get("a")).toEqual(Array.from({ length: 10 }, () => "abc"));
  });
});

describe("safetensors", () => {
  const file = (spans: Readonly<Record<string, readonly [number, number]>>, length: number) => {
    const header = JSON.stringify(
      Object.fromEntries(
        Object.entries(spans).map(([name, [start, end]]) => [
          name,
          { dtype: "U8", shape: [end - start], data_offsets: [start, end] },
        ]),
      ),
    );
    const bytes = Buffer.alloc(8 + header.length + length);
    bytes.writeBigUInt64LE(BigInt(header.length));
    bytes.write(header, 8);
    return bytes;
  };

  it("are refused where tensors share bytes, or leave some out", () => {
    expect(decodeSafetensors(file({ b: [2, 5], a: [0, 2], none: [2, 2] }, 5)).tensors.size).toBe(3);
    for (const [spans, problem] of [
      [{ a: [0, 5], b: [0, 5] }, "b begins at byte 0, but the tensors before it end at 5"],
      [{ a: [0, 3], b: [2, 5] }, "b begins at byte 2, but the tensors before it end at 3"],
      [{ a: [0, 2], b: [3, 5] }, "b begins at byte 3, but the tensors before it end at 2"],
      [{ a: [0, 4] }, "1 bytes belong to no tensor"],
    ] as const)
      expect(() => decodeSafetensors(file(spans, 5))).toThrow(problem);
    expect(decodeSafetensors(encodeSafetensors([], {})).tensors.size).toBe(0);
  });
});

describe("JSON", () => {
  it("has limits of depth and values, outside of strings", () => {
    expect(parseJsonText(`{"a[[[[\\"": ["[", 1]}`, { depth: 2, values: 4 })).toEqual({ 'a[[[["': ["[", 1] });
    expect(() => parseJsonText("[".repeat(65) + "]".repeat(65))).toThrow("it is nested more than 64 levels deep");
    expect(() => parseJsonText("[1,2,3]", { values: 3 })).toThrow("it has more than 3 values");
    for (const text of ['"', '"\\', "", "[", "]"]) expect(() => parseJsonText(text)).toThrow(SyntaxError);
  });
});

describe("a network", () => {
  const model = (layers: readonly object[], input: readonly number[] = [28, 28, 1], classes = ["a", "b"]) =>
    parseModel({ formatVersion: 1, input, classes, layers: [...layers, { type: "dense", units: 2 }] });
  const flat = { type: "globalAveragePool2d" };

  it.each([
    ["layers", () => model(Array(2000).fill({ type: "relu" })), "the number of layers is 2,001, more than the limit"],
    ["classes", () => model([flat], [8, 8, 1], Array(65537).fill("a")), "the number of classes is 65,537"],
    ["pixels", () => model([flat], [65536, 65536, 1]), "values of shape (65536, 65536, 1) is 4,294,967,296"],
    [
      "filters",
      () => model([{ type: "conv2d", filters: 1e9, kernelSize: 3 }, flat]),
      "layer conv2d_1: the number of parameters so far is 9,000,000,000",
    ],
    [
      "doubling units",
      () => model([{ type: "flatten" }, ...Array.from({ length: 40 }, (_, k) => ({ type: "dense", units: 2 ** k }))]),
      "layer dense_16: the number of parameters so far is 715,",
    ],
    [
      "windows",
      () => model([{ type: "averagePool2d", poolSize: 4000, strides: 1 }, flat], [8000, 8000, 1]),
      "the number of multiply-adds for one image is 256,128,032,008,003",
    ],
    [
      "positions of a window",
      () => model([{ type: "maxPool2d", poolSize: 4000, strides: 1 }, flat], [8000, 8000, 1]),
      "positions of a window is 16000000, expected at most 1024",
    ],
  ])("is refused for too many %s, before anything is allocated", (_, make, message) => {
    expect(make).toThrow(message);
  });
});
