import fc from "fast-check";
import { beforeAll, describe, test } from "vitest";
import { Batch, missing, natives, others } from "../backends/native.ts";
import { checkBits, records } from "./checks.ts";
import { programOf } from "./program.ts";
import { backendStorage } from "./storage.ts";

// The bits of every op in native code, by each compiler and in vectors of each width; how close they are to the
// reference is for conformance.test.ts. All is compiled before the tests, at once.

const RANDOM = 3;
const programs = records.map(([name, op]) => {
  const random = op.draw
    ? fc.sample(
        fc.gen().map((gen) => op.draw!((min, max) => gen(fc.integer, { min, max }))),
        { numRuns: RANDOM, seed: 1 },
      )
    : [];
  return [name, [...op.samples, ...random].map((sample) => programOf(op, sample))] as const;
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
