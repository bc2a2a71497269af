import { describe, expect, test } from "vitest";
import type { Backend } from "../../src/backends/backend.ts";
import { interpretBackend } from "../../src/backends/interpret/backend.ts";
import { enableRelaxedSimd } from "../../src/backends/node/enableRelaxedSimd.ts";
import { wasmBackend } from "../../src/backends/wasm/backend.ts";
import { ops } from "../../src/ops/index.ts";
import type { Op } from "../../src/ops/op.ts";
import { opTests } from "../../src/testing/index.ts";

// One suite for every op and every back end, the one that extensions use. For native code see native.test.ts.

enableRelaxedSimd();
const backends: readonly Backend[] = [
  interpretBackend,
  wasmBackend(),
  { ...wasmBackend({ fma: false }), name: "wasm without fma" },
];
const records = Object.entries(ops) as unknown as readonly (readonly [string, Op])[];

test("every op is listed by its name", () => {
  for (const [key, op] of records) expect(op.name).toBe(key);
});

describe.each(records)("%s", (_, op) => {
  for (const { name, run } of opTests(op, { backends })) test(name, run);
});
