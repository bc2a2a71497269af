import { beforeAll, describe, test } from "vitest";
import { ops } from "../../src/ops/index.ts";
import type { Op } from "../../src/ops/op.ts";
import { checkBits } from "../../src/testing/opChecks.ts";
import { programOf } from "../../src/testing/opProgram.ts";
import { backendStorage } from "../../src/testing/opStorage.ts";
import { picker } from "../../src/testing/values.ts";
import { Batch, missing, natives, others } from "../backends/native.ts";

// The bits of every op in native code, for each compiler and each vector width. Their distance from the reference is
// tested in conformance.test.ts. Everything is compiled at once, before the tests.

const RANDOM = 3;
const records = Object.values(ops) as readonly unknown[] as readonly Op[];
const programs = records.map((op) => {
  const random = op.draw ? Array.from({ length: RANDOM }, (_, k) => op.draw!(picker(k))) : [];
  return [op.name, [...op.samples, ...random].map((sample) => programOf(op, sample))] as const;
});

describe.each([...natives, ...others])("native code: $title", (native) => {
  const backend = new Batch(native);
  beforeAll(async () => {
    for (const program of programs.flatMap(([, of]) => of)) await backendStorage(program, backend, "scheduled");
    await backend.compile();
  });

  test.each(programs)("%s, scheduled, in float32", async (_, of) => {
    for (const program of of) await checkBits(program, backend);
  });
});

test.skipIf(true).each(missing)("native code by a compiler: %s", () => {});
