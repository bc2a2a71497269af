import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Backend } from "../../src/backends/backend.ts";
import { interpretBackend } from "../../src/backends/interpret/backend.ts";
import { enableRelaxedSimd } from "../../src/backends/node/enableRelaxedSimd.ts";
import { wasmBackend } from "../../src/backends/wasm/backend.ts";
import { checkBackend, checkDefinition, records } from "./checks.ts";
import { programOf } from "./program.ts";

// One suite for every op and every back end. Nothing here knows an op by name. On native code: native.test.ts.

enableRelaxedSimd();
const backends: readonly Backend[] = [
  interpretBackend,
  wasmBackend(),
  { ...wasmBackend({ fma: false }), name: "wasm without fma" },
];

test("every op has its name, samples, and a backward rule or null for every input", () => {
  for (const [key, op] of records) {
    expect(op.name).toBe(key);
    expect(op.samples.length, op.name).toBeGreaterThan(0);
    expect(Object.keys(op.backward).sort(), op.name).toEqual([...op.inputs].sort());
    for (const rule of Object.values(op.backward))
      expect(rule === null || rule === "identity" || typeof rule === "function", op.name).toBe(true);
    const { shapes, attrs } = op.samples[0]!;
    const names = [
      ...op.inputs,
      ...Object.keys(op.saves?.(shapes, attrs) ?? {}),
      ...Object.keys(op.scratch?.(shapes, attrs) ?? {}),
    ];
    expect(new Set(names).size, `${op.name}: names of inputs, saved values and scratch space`).toBe(names.length);
  }
});

describe.each(records)("%s", (_, op) => {
  const titled = op.samples.map((sample) => {
    return [`${JSON.stringify(sample.shapes)} ${JSON.stringify(sample.attrs)}`, sample] as const;
  });

  test.each(titled)("is its reference in float64, with its slopes: %s", (_title, sample) => {
    checkDefinition(programOf(op, sample));
  });

  for (const backend of backends)
    test.each(titled)(`on ${backend.name}, scheduled, in float32: %s`, async (_title, sample) => {
      await checkBackend(programOf(op, sample), backend);
    });

  const { draw, rejects } = op;
  if (draw)
    test("at random", async () => {
      await fc.assert(
        fc.asyncProperty(fc.gen(), async (gen) => {
          const program = programOf(
            op,
            draw((min, max) => gen(fc.integer, { min, max })),
          );
          checkDefinition(program);
          for (const backend of backends) await checkBackend(program, backend);
        }),
        { numRuns: 25, seed: 1 },
      );
    }, 120_000);

  if (rejects)
    test.each(rejects.map((r) => [r.message, r] as const))("refuses: %s", (message, { shapes, attrs }) => {
      expect(() => op.infer(shapes, attrs)).toThrow(expect.objectContaining({ name: "InklingError", message }));
    });
});
