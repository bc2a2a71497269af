import { describe, expect, it } from "vitest";
import { runsOf } from "../../src/compiler/segment.ts";
import { contraction } from "../../src/ir/contraction.ts";
import { wasm128 } from "../../src/ir/machine.ts";
import { at, memory } from "../../src/ir/view.ts";
import type { Tensor } from "../../src/ops/graph.ts";

describe("a nest of a segment", () => {
  const x: Tensor = { name: "x", shape: [4, 40, 8], type: "f32", of: "samples" };
  const runOf = (rows: number, columns: number) => {
    const nest = contraction({ n: 4, r: rows, o: columns, i: 8 }, ({ n, r, o, i }) => ({
      out: at(memory("y", [4, rows, columns]), n, r, o),
      a: at(memory(x.name, x.shape), n, r, i),
      b: at(memory("w", [8, columns]), i, o),
    }));
    return runsOf([{ name: "product", nest }], wasm128).runs[0]!;
  };

  it("runs sample by sample if each uses a weight at least 16 times, and for a whole tile otherwise", () => {
    expect(runOf(16, 8).n?.extent).toBe(4);
    expect(runOf(15, 8).n).toBeUndefined();
  });

  it("runs for a whole tile if each sample has a single sum", () => {
    const sum = (channels: number) =>
      contraction({ n: 4, c: channels, r: 40 }, ({ n, c, r }) => ({
        out: at(memory("y", [4, channels]), n, c),
        a: at(memory(x.name, x.shape), n, r, c),
      }));
    const n = (channels: number) => runsOf([{ name: "sum", nest: sum(channels) }], wasm128).runs[0]!.n?.extent;
    expect([n(1), n(8)]).toEqual([undefined, 4]);
  });
});
