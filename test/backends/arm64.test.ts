import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { interpretBackend } from "../../src/backends/interpret/backend.ts";
import { lower } from "../../src/backends/lower/lower.ts";
import { targetOf } from "../../src/backends/native/node/backend.ts";
import { type Compiler, probeCompiler } from "../../src/backends/native/node/compiler.ts";
import { type CFunction, renderRoutines } from "../../src/backends/native/render.ts";
import { sourceOf } from "../../src/backends/native/source.ts";
import { neon } from "../../src/ir/machine.ts";
import { printKernel } from "../../src/ir/print.ts";
import { verify } from "../../src/ir/verify.ts";
import { elements, fillMemory, layoutOf, run } from "./backends.ts";
import { type Case, randomCase, statementCases, valueCases } from "./cases.ts";
import { kernels } from "./randomPrograms.ts";

// C for 64-bit ARM, built by a cross compiler and run in an emulator; skipped if either is missing.

const compiler = probeCompiler(["aarch64-linux-gnu-gcc"], ["-march=armv8-a"]);
const emulator = "qemu-aarch64";
const isHere = typeof compiler !== "string" && spawnSync(emulator, ["--version"]).status === 0;

const cases: readonly Case[] = [
  ...valueCases(4),
  ...Object.values(statementCases(4)).flat(),
  ...fc.sample(kernels(4), { numRuns: 60, seed: 1 }).map(randomCase),
];
const callsOf = ({ calls = [[]] }: Case) => calls;
const fillOf = ({ fill = fillMemory }: Case) => fill;

/** A program that reads the memory of each case, runs its kernel, and writes the memory. */
const mainOf = (functions: readonly CFunction[]): string => {
  const steps = cases.map((of, k) => {
    const { bytes } = layoutOf(of.views);
    const { identifier } = functions[k]!;
    const runs = callsOf(of).map((values) => `${identifier}(${["m", ...values].join(", ")});`);
    return `if (fread(m, 1, ${bytes}, stdin) != ${bytes}) return 1; ${runs.join(" ")} fwrite(m, 1, ${bytes}, stdout);`;
  });
  const most = Math.max(...cases.map((of) => layoutOf(of.views).bytes));
  const prototypes = functions.map((f) => `${f.prototype};`).join("\n");
  return `#include <stdio.h>
typedef unsigned char u8; typedef int i32;
${prototypes}
static u8 m[${most}] __attribute__((aligned(64)));
int main(void) {
  ${steps.join("\n  ")}
  return 0;
}
`;
};

/** The memories of all cases after their kernels have run in the emulator. */
function runEmulated({ command, flags }: Compiler, folder: string): Uint8Array {
  const target = targetOf(compiler as Compiler, neon);
  const functions = cases.flatMap(({ kernel, views }, k) => {
    verify(kernel);
    return renderRoutines(lower([kernel]), layoutOf(views), `m${k}_`);
  });
  const units = sourceOf(functions, target).units.slice(0, -1); // without the part for Node
  const files = [...units, mainOf(functions.filter((f) => f.exported))].map((text, k) => {
    const file = join(folder, `${k}.c`);
    writeFileSync(file, text);
    return file;
  });
  const program = join(folder, "program");
  const built = spawnSync(command[0]!, [...flags, "-static", ...files, "-lm", "-o", program], { encoding: "utf8" });
  expect(built.stderr).toBe("");
  const input = Buffer.concat(
    cases.map((of) => {
      const { bytes } = layoutOf(of.views);
      const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / 65536) });
      fillOf(of)(memory, bytes);
      return new Uint8Array(memory.buffer, 0, bytes);
    }),
  );
  const { status, stdout } = spawnSync(emulator, [program], { input, maxBuffer: 2 * input.length });
  expect(status).toBe(0);
  return stdout;
}

describe.skipIf(!isHere)("C for 64-bit ARM", () => {
  it("is scheduled for NEON", () => {
    expect(compiler).toMatchObject({ machine: neon, fma: true, features: ["ARM_NEON"] });
  });

  it("gives the same bits as the interpreter", async () => {
    const folder = mkdtempSync(join(tmpdir(), "inkling-arm64-"));
    try {
      const output = runEmulated(compiler as Compiler, folder);
      let from = 0;
      for (const of of cases) {
        const { kernel, views, calls, fill } = of;
        const { bytes } = layoutOf(views);
        const got = new WebAssembly.Memory({ initial: Math.ceil(bytes / 65536) });
        new Uint8Array(got.buffer).set(output.subarray(from, from + bytes));
        from += bytes;
        const want = await run(interpretBackend, kernel, views, calls, fill);
        for (const view of views)
          expect(elements(got, views, view), `${view.name}\n${printKernel(kernel)}`).toEqual(
            elements(want, views, view),
          );
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
