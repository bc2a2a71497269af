import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { wasmBackend } from "../../src/backends/wasm/backend.ts";
import { Bytes } from "../../src/backends/wasm/bytes.ts";
import { affine, axisIndex, plus, times } from "../../src/ir/affine.ts";
import * as ir from "../../src/ir/build.ts";
import { printKernel } from "../../src/ir/print.ts";
import type { Stmt } from "../../src/ir/types.ts";
import { at, memory } from "../../src/ir/view.ts";
import { loadKernels } from "../../src/testing/opStorage.ts";
import { elements, kernelOf, layoutOf, pairs, run } from "./backends.ts";
import { type Case, randomCase, statementCases, valueCases } from "./cases.ts";
import { kernels } from "./randomPrograms.ts";

/** Checks that both back ends of each pair leave the same bits in memory; all NaNs are equal. */
async function expectSameBits({ kernel, views, calls, fill }: Case) {
  for (const [arithmetic, interpret, wasm] of pairs) {
    const [want, got] = [await run(interpret, kernel, views, calls, fill), await run(wasm, kernel, views, calls, fill)];
    for (const view of views)
      expect(elements(got, views, view), `${view.name}, ${arithmetic}\n${printKernel(kernel)}`).toEqual(
        elements(want, views, view),
      );
  }
}

describe("WebAssembly and the interpreter", () => {
  it("agree on values of every kind", async () => {
    for (const x of valueCases(4)) await expectSameBits(x);
  });

  it.each(Object.entries(statementCases(4)))("agree where %s", async (_, cases) => {
    for (const x of cases) await expectSameBits(x);
  });

  it("agree on random programs", async () => {
    await fc.assert(
      fc.asyncProperty(kernels(4), (kernel) => expectSameBits(randomCase(kernel))),
      { numRuns: 300, seed: 1 },
    );
  });
});

const [x, y] = [memory("x", [8]), memory("y", [8])];
const [n, lane] = [axisIndex("n"), axisIndex("lane")];
const vectorOf = (extent: number, body: Stmt): Stmt => ir.loop({ name: "lane", extent }, "vector", body);

describe("the WebAssembly back end", () => {
  it("fuses multiply-adds where the engine does", () => {
    expect(wasmBackend().arithmetic).toBe("fma");
    expect(wasmBackend({ fma: false }).arithmetic).toBe("mul-add");
  });

  it("runs kernels over a shared memory", async () => {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
    new Float32Array(memory.buffer, 0, 8).fill(2);
    const double = kernelOf(vectorOf(4, ir.store(at(y, lane), ir.add(ir.load(at(x, lane)), ir.load(at(x, lane))))));
    (await loadKernels(wasmBackend(), [double], layoutOf([x, y]), memory)).get("kernel")!();
    expect([...new Float32Array(memory.buffer, 64, 5)]).toEqual([4, 4, 4, 4, 0]);
  });

  it("reaches beyond 2 GiB", async () => {
    const start = 2 ** 31 + 4096;
    const memory = new WebAssembly.Memory({ initial: start / 65536 + 1 });
    const layout = {
      bytes: start + 4096,
      offsets: new Map([
        ["x", start],
        ["y", start + 64],
      ]),
    };
    new Float32Array(memory.buffer, start, 8).set([1, 2, 3, 4, 5, 6, 7, 8]);
    const copy = (i: typeof n, j: typeof n) => ir.store(at(y, i), ir.load(at(x, j)));
    const body = ir.block(
      ir.loop({ name: "n", extent: 8 }, "serial", copy(n, plus(times(n, -1), 7))),
      copy(affine(0), affine(3)),
    );
    (await loadKernels(wasmBackend(), [kernelOf(body)], layout, memory)).get("kernel")!();
    expect([...new Float32Array(memory.buffer, start + 64, 8)]).toEqual([4, 7, 6, 5, 4, 3, 2, 1]);
  });

  it("rejects unsupported vector widths", async () => {
    const body = ir.loop({ name: "lane", extent: 8 }, "vector", ir.store(at(y, lane), ir.zero));
    const memory = new WebAssembly.Memory({ initial: 1 });
    await expect(loadKernels(wasmBackend(), [kernelOf(body)], layoutOf([x, y]), memory)).rejects.toThrow(
      "wasm: a vector has 8 elements, expected 1 or 4",
    );
  });

  it("writes LEB128 as the specification does", () => {
    expect([...new Bytes().unsigned(624485).toArray()]).toEqual([0xe5, 0x8e, 0x26]);
    expect([...new Bytes().unsigned(0xffffffff).toArray()]).toEqual([0xff, 0xff, 0xff, 0xff, 0x0f]);
    expect([...new Bytes().signed(-123456).toArray()]).toEqual([0xc0, 0xbb, 0x78]);
    expect([...new Bytes().signed(64).toArray()]).toEqual([0xc0, 0x00]);
    expect([...new Bytes().signed(2 ** 31).toArray()]).toEqual([0x80, 0x80, 0x80, 0x80, 0x78]);
    expect(() => new Bytes().unsigned(-1)).toThrow("-1 is not an unsigned 32-bit integer");
    expect(() => new Bytes().unsigned(2 ** 32)).toThrow("4294967296 is not");
  });
});
