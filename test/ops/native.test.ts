import { beforeAll, describe, test } from "vitest";
import { ops } from "../../src/ops/index.ts";
import type { Op } from "../../src/ops/op.ts";
import { checkBits } from "../../src/testing/opChecks.ts";
import { programOf } from "../../src/testing/opProgram.ts";
import { backendStorage } from "../../src/testing/opStorage.ts";
import { picker } from "../../src/testing/values.ts";
import { Batch, missing, natives, others } from "../backends/native.ts";

// The bits of every op in native code, by each compiler and in vectors of each width; how close they are to the
// reference is for conformance.test.ts. All is compiled before the tests, at once.

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
