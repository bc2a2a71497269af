import { describe, expect, it } from "vitest";
import { runProgram } from "../../src/backends/native/node/process.ts";

describe.skipIf(process.platform === "win32")("a program that is run", () => {
  it("gives what it printed, and its status", async () => {
    const script = "echo out; echo error >&2; exit 3";
    expect(await runProgram(["sh"], ["-c", script], 10)).toEqual({ status: 3, stdout: "out\n", stderr: "error\n" });
  });

  it("is ended with all that it started where it takes too long", async () => {
    // It is heard of when nobody holds its output any more, so both have ended.
    const { status, failure } = await runProgram(["sh"], ["-c", "sleep 60 & sleep 60"], 0.5);
    expect({ status, failure }).toEqual({ status: null, failure: "took more than 0.5 s" });
  });

  it("may not be there", async () => {
    expect(await runProgram(["no-such-program"], [], 10)).toMatchObject({ status: null, failure: "was not found" });
  });
});
