import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { checkRunning } from "../../src/cli/loadRecipe.ts";
import { checkFetching } from "../../src/cli/openRunData.ts";
import { resumeCommand } from "../../src/cli/train/resume.ts";
import { network, train } from "../../src/index.ts";
import { dense, flatten } from "../../src/layers/index.ts";
import { createRun } from "../../src/node.ts";
import { sgd } from "../../src/optimizers/index.ts";
import { bars } from "../training/data.ts";

it("an address that a run names is fetched only when that is allowed", async () => {
  const source = "https://127.0.0.1:1/data.tar.gz";
  await expect(checkFetching({ source })).rejects.toThrow(
    "the run names https://127.0.0.1:1/data.tar.gz, which is not",
  );
  await expect(checkFetching({ source: "letters", test: source })).rejects.toThrow("add --fetch to fetch it");
  await checkFetching({ source }, true);
  await checkFetching({ source }, false, { source: "elsewhere" });
  await checkFetching({ source: "letters" });
});

it("a recipe that a study names runs only when that is allowed", () => {
  expect(() => checkRunning("mine.ts")).toThrow(/is a program; if you trust it, add --load .*mine\.ts/);
  expect(() => checkRunning("mine.mjs", ["other.mjs"])).toThrow("--load");
  checkRunning("mine.ts", ["mine.ts"]);
  checkRunning("fast");
});

it("a run that is resumed fetches no address that it names either", async () => {
  const folder = await mkdtemp(join(tmpdir(), "inkling-fetching-"));
  const path = join(folder, "run");
  const model = network({ input: [8, 8, 1], classes: [..."ABCD"] }, [flatten(), dense(4)]);
  const run = await createRun(path, { source: "https://127.0.0.1:1/data.tar.gz" });
  for await (const event of train(model, bars(40), { steps: 2, checkpointEvery: 0, optimizer: sgd(0.1) })) {
    await run.record(event);
    if (event.type === "checkpoint") break;
  }
  await run.close();
  const notes = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  await expect(resumeCommand(path, undefined, { log: "table" })).rejects.toThrow("add --fetch to fetch it");
  notes.mockRestore();
  await rm(folder, { recursive: true });
});
