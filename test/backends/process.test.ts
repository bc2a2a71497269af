import { describe, expect, it } from "vitest";
import { runProgram } from "../../src/backends/native/node/process.ts";

describe.skipIf(process.platform === "win32")("a program that is run", () => {
  it("returns its output and its status", async () => {
    const script = "echo out; echo error >&2; exit 3";
    expect(await runProgram(["sh"], ["-c", script], 10)).toEqual({ status: 3, stdout: "out\n", stderr: "error\n" });
  });

  it("is killed with all processes that it started if it takes too long", async () => {
    // The promise resolves once no process holds the output, so both have ended.
    const { status, failure } = await runProgram(["sh"], ["-c", "sleep 60 & sleep 60"], 0.5);
    expect({ status, failure }).toEqual({ status: null, failure: "took more than 0.5 s" });
  });

  it("may not exist", async () => {
    expect(await runProgram(["no-such-program"], [], 10)).toMatchObject({ status: null, failure: "was not found" });
  });
});
