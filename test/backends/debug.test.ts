import { describe, expect, it } from "vitest";
import { debugBackend, debugLevels } from "../../src/backends/debug/debugBackend.ts";
import { isolateCalls, multiplyAddsOf } from "../../src/backends/debug/times.ts";
import { wasmBackend } from "../../src/backends/wasm/backend.ts";
import { axisIndex } from "../../src/ir/affine.ts";
import * as ir from "../../src/ir/build.ts";
import type { Kernel } from "../../src/ir/types.ts";
import { at, memory } from "../../src/ir/view.ts";
import { loadKernels } from "../../src/testing/opStorage.ts";

const [x, y] = [memory("x", [8]), memory("y", [8])];
const axis = { name: "i", extent: 8 };
const i = axisIndex("i");
const square = ir.loop(axis, "serial", ir.store(at(y, i), ir.fma(ir.load(at(x, i)), ir.load(at(x, i)), ir.one)));
const copy = ir.loop(axis, "serial", ir.store(at(x, i), ir.load(at(y, i))));
const kernel: Kernel = {
  name: "both",
  axes: [
    { name: ".step", extent: 1 },
    { name: ".part", extent: 1 },
    { name: ".arena", extent: 1 },
  ],
  body: ir.loop({ name: "n", extent: 3 }, "serial", ir.block(ir.call("square", square), ir.call("copy", copy))),
};
const layout = {
  bytes: 128,
  offsets: new Map([
    ["x", 0],
    ["y", 64],
  ]),
};

describe("a back end that prints debug output", () => {
  it("runs each function alone, in its enclosing loops", () => {
    const alone = isolateCalls(kernel);
    expect(alone.map(({ name }) => name)).toEqual(["alone: square", "alone: copy"]);
    expect(alone.map(({ body }) => multiplyAddsOf(body))).toEqual([24, 0]);
  });

  const shown = async (level: number) => {
    const texts: string[] = [];
    const ends: (() => void)[] = [];
    const shown = wasmBackend();
    const options = { level, write: (text: string) => texts.push(text), atEnd: (last: () => void) => ends.push(last) };
    const compiled = await loadKernels(
      debugBackend(shown, options),
      [kernel],
      layout,
      new WebAssembly.Memory({ initial: 1 }),
    );
    compiled.get("both")!(0, 0, 0);
    for (const end of ends) end();
    return texts.join("\n");
  };

  it("shows more at each level", async () => {
    const texts = await Promise.all(Object.values(debugLevels).map(shown));
    const marks = [
      /^plan: 1 kernels for wasm128, 128 bytes/,
      /µs.* {2}both\n.*µs.* {4}square/,
      /^ {2}for n < 3\n {4}square/m,
    ];
    for (const [k, text] of texts.entries())
      for (const [level, mark] of marks.entries()) expect(mark.test(text), `level ${k + 1}: ${mark}`).toBe(level <= k);
    expect(texts[2]).not.toContain("fma(");
    expect(texts[3]).toContain("wasm has no readable source");
    expect(texts[4]).toContain("y[i] = fma(x[i], x[i], 1)");
  });
});
