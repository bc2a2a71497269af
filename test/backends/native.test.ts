import fc from "fast-check";
import { beforeAll, describe, expect, it, test } from "vitest";
import { interpretBackendWith } from "../../src/backends/interpret/backend.ts";
import { vectorize } from "../../src/compiler/schedule/vectorize.ts";
import { axisIndex } from "../../src/ir/affine.ts";
import * as ir from "../../src/ir/build.ts";
import { printKernel } from "../../src/ir/print.ts";
import type { View } from "../../src/ir/types.ts";
import { at, memory } from "../../src/ir/view.ts";
import { elements, kernelOf, run } from "./backends.ts";
import { type Case, randomCase, statementCases, valueCases } from "./cases.ts";
import { Batch, missing, natives, others } from "./native.ts";
import { kernels } from "./randomPrograms.ts";

const RANDOM = 40;

describe.each([...natives, ...others])("native code and the interpreter: $title", (native) => {
  const { machine } = native;
  const backend = new Batch(native);
  const definition = interpretBackendWith(backend.arithmetic);
  const cases: Readonly<Record<string, readonly Case[]>> = {
    "on values of every kind": machine.widths.flatMap(valueCases),
    "on random programs": machine.widths.flatMap((width) =>
      fc.sample(kernels(width), { numRuns: RANDOM, seed: 1 }).map(randomCase),
    ),
    "on gradients of a ReLU in loops of any length": reluCases(),
    ...Object.fromEntries(
      machine.widths.flatMap((width) =>
        Object.entries(statementCases(width)).map(([what, of]) => [`where ${what}, in vectors of ${width}`, of]),
      ),
    ),
  };
  beforeAll(async () => {
    for (const { kernel, views, calls, fill } of Object.values(cases).flat())
      await run(backend, kernel, views, calls, fill);
    await backend.compile();
  });

  it.each(Object.entries(cases))("agree %s", async (_, of) => {
    for (const { kernel, views, calls, fill } of of) {
      const want = await run(definition, kernel, views, calls, fill);
      const got = await run(backend, kernel, views, calls, fill);
      for (const view of views)
        expect(elements(got, views, view), `${view.name}\n${printKernel(kernel)}`).toEqual(elements(want, views, view));
    }
  });

  /** gcc 12 compiled `y > 0 ? dy : 0` wrongly at some lengths, where the load stood in the branch. */
  function reluCases(): readonly Case[] {
    return Array.from({ length: 40 }, (_, k) => k + 1).flatMap((length) => {
      const [y, dy, dx] = ["y", "dy", "dx"].map((name) => memory(name, [length])) as [View, View, View];
      const i = axisIndex("i");
      const value = ir.select(ir.greater(ir.load(at(y, i)), ir.zero), ir.load(at(dy, i)), ir.zero);
      const plain = ir.loop({ name: "i", extent: length }, "serial", ir.store(at(dx, i), value));
      return [plain, vectorize(plain, machine)].map((body) => ({ kernel: kernelOf(body), views: [y, dy, dx] }));
    });
  }
});

test.skipIf(true).each(missing)("native code by a compiler: %s", () => {});
