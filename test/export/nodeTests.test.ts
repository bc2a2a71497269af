import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { wasmBackend } from "../../src/backends/wasm/backend.ts";
import { runNodeCases } from "./nodeCases.ts";
import { hasOnnx, python } from "./python.ts";

/** Asks for the large ones, too, and for the reason of each that layers cannot express. */
const asksAll = process.env["INKLING_NODE_TESTS"] !== undefined;

describe.skipIf(!hasOnnx)("ONNX's tests of operators", () => {
  it("pass, wherever layers can express them", async () => {
    const { stdout } = spawnSync(python, ["-c", "import onnx; print(onnx.__path__[0])"], { encoding: "utf8" });
    const outcomes = await runNodeCases(stdout.trim(), wasmBackend(), asksAll ? Number.POSITIVE_INFINITY : 100_000);
    const of = (result: string) => outcomes.filter((outcome) => outcome.result === result);
    if (asksAll) {
      console.log(
        of("refused")
          .map(({ name, reason }) => `${name}: ${reason}`)
          .join("\n"),
      );
      const expressed = outcomes.length - of("refused").length;
      console.log(`${outcomes.length} tests, ${expressed} expressed, ${of("passed").length} passed`);
    }
    expect(of("failed")).toEqual([]);
    expect(of("passed").length).toBeGreaterThanOrEqual(140);
  });
});
