import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { resumeRun } from "../../src/runs/node/runs.ts";

it("says of a run that was killed while it was being prepared that there is nothing to resume", async () => {
  const folder = mkdtempSync(join(tmpdir(), "inkling-"));
  try {
    await expect(resumeRun(folder)).rejects.toThrow("run.json does not exist");
    writeFileSync(join(folder, "lock"), "");
    await expect(resumeRun(folder)).rejects.toMatchObject({
      code: "NOT_FOUND",
      message: expect.stringMatching(
        /was stopped before its first step, so there is nothing to resume; start it again/,
      ),
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
