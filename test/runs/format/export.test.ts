import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { enableRelaxedSimd } from "../../../src/backends/node/enableRelaxedSimd.ts";
import { InklingError } from "../../../src/base/error.ts";
import { TrainedModel } from "../../../src/evaluation/index.ts";
import { add, conv2d, dense, flatten, relu } from "../../../src/layers/index.ts";
import { buildGraph, initialWeights, network } from "../../../src/model/index.ts";
import { decodeModel, encodeModel } from "../../../src/runs/modelFile.ts";
import { decodeSafetensors, encodeSafetensors, type NamedTensor } from "../../../src/runs/safetensors.ts";
import { bars } from "../../training/data.ts";

enableRelaxedSimd();
const model = network({ input: [8, 8, 1], classes: ["A", "ü", "C", "0"] }, [
  conv2d(2, 3, { name: "a", padding: "same" }),
  relu({ name: "b" }),
  add(["a", "b"]),
  flatten(),
  dense(4),
]);
const trained = new TrainedModel(model, initialWeights(buildGraph(model, 1, false).weights, 5));
const image = bars(1).images;

const header = (bytes: Uint8Array) => {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  return { length, json: JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) };
};
/** The file with another header, and the same data. */
function withHeader(bytes: Uint8Array, change: (json: Record<string, unknown>) => unknown): Uint8Array {
  const { length, json } = header(bytes);
  const text = new TextEncoder().encode(JSON.stringify(change(json)));
  const changed = new Uint8Array(8 + text.length + bytes.length - 8 - length);
  new DataView(changed.buffer).setBigUint64(0, BigInt(text.length), true);
  changed.set(text, 8);
  changed.set(bytes.subarray(8 + length), 8 + text.length);
  return changed;
}
const outcome = (f: () => unknown) => {
  try {
    f();
    return "read";
  } catch (error) {
    if (error instanceof InklingError) return error.code;
    throw error;
  }
};

describe("safetensors", () => {
  const tensors: NamedTensor[] = [
    { name: "w", shape: [2, 3], data: Float32Array.of(1, -0, Number.NaN, Number.POSITIVE_INFINITY, 1e-40, 3) },
    { name: "bytes", shape: [5], data: Uint8Array.of(1, 2, 3, 4, 255) },
    { name: "scalar", shape: [], data: Int32Array.of(-7) },
    { name: "none", shape: [0, 4], data: new Float32Array() },
  ];

  it("come back as they were", () => {
    const { tensors: found, metadata } = decodeSafetensors(encodeSafetensors(tensors, { who: "me", ü: "ö" }));
    expect([...found.values()]).toEqual(tensors);
    expect([...found.keys()]).toEqual(["w", "bytes", "scalar", "none"]);
    expect(metadata).toEqual({ who: "me", ü: "ö" });
  });

  it("have a header of a multiple of 8 bytes, data from 0 on without gaps, and the same bytes each time", () => {
    const bytes = encodeSafetensors(tensors, {});
    expect(encodeSafetensors(tensors, {})).toEqual(bytes);
    const { length, json } = header(bytes);
    expect(length % 8).toBe(0);
    expect(json).toEqual({
      __metadata__: {},
      w: { dtype: "F32", shape: [2, 3], data_offsets: [0, 24] },
      bytes: { dtype: "U8", shape: [5], data_offsets: [24, 29] },
      scalar: { dtype: "I32", shape: [], data_offsets: [29, 33] },
      none: { dtype: "F32", shape: [0, 4], data_offsets: [33, 33] },
    });
    expect(bytes.length).toBe(8 + length + 33);
  });

  it("can be read from the middle of a buffer, and are copies", () => {
    const bytes = encodeSafetensors(tensors, {});
    const inside = Buffer.concat([Buffer.from("abc"), bytes]).subarray(3);
    const { tensors: found } = decodeSafetensors(inside);
    inside.fill(0);
    expect([...found.values()]).toEqual(tensors);
  });

  it.each([
    ["nothing", new Uint8Array(), /has 0 bytes, expected a header/],
    ["half a length", new Uint8Array(7), /has 7 bytes/],
    ["a length beyond the end", Uint8Array.of(9, 0, 0, 0, 0, 0, 0, 0, 123), /its header claims to have 9 bytes/],
    ["a huge length", new Uint8Array(16).fill(255), /its header claims to have/],
    ["no JSON", Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 123), /its header is not valid JSON/],
    ["a list", Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0, 91, 93), /its header is not a JSON object/],
  ])("of %s are refused", (_name, bytes, message) => {
    expect(() => decodeSafetensors(bytes)).toThrow(
      expect.objectContaining({ code: "INVALID_DATA", message: expect.stringMatching(message) }),
    );
  });

  it.each([
    [{ dtype: "F64", shape: [1], data_offsets: [0, 8] }, /w has type F64, expected F32, I32, U8/],
    [{ dtype: "toString", shape: [1], data_offsets: [0, 4] }, /w has type toString/],
    [{ dtype: "F32", shape: [-1], data_offsets: [0, 4] }, /w has no shape/],
    [{ dtype: "F32", shape: "1", data_offsets: [0, 4] }, /w has no shape/],
    [{ dtype: "F32", shape: [1], data_offsets: [0, 8] }, /w spans bytes 0 to 8/],
    [{ dtype: "F32", shape: [1e9], data_offsets: [0, 4e9] }, /w spans bytes 0 to 4000000000/],
    [{ dtype: "F32", shape: [1], data_offsets: [4, 0] }, /w spans bytes 4 to 0/],
    [{ dtype: "F32", shape: [1] }, /w spans/],
    [null, /w has type undefined/],
    [7, /w has type undefined/],
  ])("with a tensor %j are refused", (entry, message) => {
    const bytes = withHeader(encodeSafetensors(tensors, {}), () => ({ w: entry }));
    expect(() => decodeSafetensors(bytes)).toThrow(
      expect.objectContaining({ code: "INVALID_DATA", message: expect.stringMatching(message) }),
    );
  });

  it("that are broken anywhere give an error of ours, or other numbers, and never anything else", () => {
    const whole = encodeModel(trained);
    const { length } = header(whole);
    const change = fc.record({
      at: fc.oneof(
        { weight: 3, arbitrary: fc.integer({ min: 0, max: 8 + length }) },
        { weight: 1, arbitrary: fc.nat(whole.length - 1) },
      ),
      byte: fc.integer({ min: 0, max: 255 }),
    });
    const broken = fc.record({ changes: fc.array(change, { maxLength: 3 }), end: fc.option(fc.nat(whole.length)) });
    const seen = new Set<string>();
    fc.assert(
      fc.property(broken, ({ changes, end }) => {
        const bytes = whole.slice(0, end ?? whole.length);
        for (const { at, byte } of changes) if (at < bytes.length) bytes[at] = byte;
        seen.add(outcome(() => decodeModel(bytes)));
      }),
      { numRuns: 400, seed: 3 },
    );
    expect(seen).toContain("read");
    expect(seen).toContain("INVALID_DATA");
  });
});

describe("a model file", () => {
  const bytes = encodeModel(trained);

  it("predicts the same after a round trip, and has the same bytes again", async () => {
    const read = decodeModel(bytes);
    expect(read.model).toEqual(model);
    expect(read.weights).toEqual(trained.weights);
    expect(await read.predict(image)).toEqual(await trained.predict(image));
    expect(encodeModel(read)).toEqual(bytes);
  });

  const changed = (metadata: object) => () =>
    decodeModel(
      withHeader(bytes, (json) => ({ ...json, __metadata__: { ...(json["__metadata__"] as object), ...metadata } })),
    );

  it("of a later version is refused with what to do", () => {
    expect(changed({ "inkling.formatVersion": "3" })).toThrow(
      expect.objectContaining({
        code: "UNKNOWN_FORMAT",
        message: expect.stringMatching(
          /format version is 3, but this version of Inkling reads 1 and 2; update Inkling$/,
        ),
      }),
    );
  });

  it("of another program is refused", () => {
    expect(() => decodeModel(encodeSafetensors([], {}))).toThrow(
      expect.objectContaining({ code: "UNKNOWN_FORMAT", message: expect.stringMatching(/contains no Inkling model/) }),
    );
  });

  it.each([
    ["a model that is not valid JSON", { "inkling.model": "{" }, "INVALID_DATA"],
    ["no model", { "inkling.model": undefined }, "INVALID_DATA"],
    ["a model of nothing", { "inkling.model": "null" }, "INVALID_MODEL"],
    [
      "a model of other shapes",
      { "inkling.model": JSON.stringify(network({ input: [8, 8, 1], classes: model.classes }, [flatten(), dense(4)])) },
      "INVALID_DATA",
    ],
  ])("with %s is refused", (_name, metadata, code) => {
    expect(outcome(changed(metadata))).toBe(code);
  });

  it("without one of its tensors is refused, and names it", () => {
    const without = withHeader(bytes, ({ "a.bias": gone, ...json }) => ({ ...json, other: gone! }));
    expect(() => decodeModel(without)).toThrow(/a\.bias is missing or does not have the shape/);
  });
});
