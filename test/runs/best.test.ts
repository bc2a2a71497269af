import { readFileSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listRuns, openRun } from "../../src/node.ts";
import { type CommandLine, commandLine } from "./cli.ts";

let cli: CommandLine;
beforeAll(async () => {
  cli = await commandLine();
  const train = ["train", "bars.inkling", "--recipe", "small.mjs", "--steps", "2000", "--validate-every", "10"];
  const stopping = ["--early-stopping", "3", "--min-delta", "0.001", "--monitor", "accuracy", "--out", "early"];
  await ok([...train, ...stopping]);
});
afterAll(() => cli.remove());

async function ok(args: readonly string[]) {
  const { stdout, stderr, code } = await cli.inkling(args);
  expect(code, stderr).toBe(0);
  return { json: args.includes("--json") ? JSON.parse(stdout) : undefined, stdout, stderr };
}
const early = () => join(cli.folder, "early");
const record = () => JSON.parse(readFileSync(join(early(), "run.json"), "utf8"));

describe("a run that stopped early", () => {
  it("says so, and how it was to stop", async () => {
    const { result, ...config } = record();
    expect(config).toMatchObject({
      steps: 2000,
      monitor: "accuracy",
      earlyStopping: { patience: 3, minDelta: 0.001 },
    });
    expect(result).toMatchObject({ stoppedEarly: true });
    expect(result.steps).toBeLessThan(2000);
    expect(result.best.step).toBeLessThan(result.steps);
    expect(await listRuns(early())).toMatchObject([{ status: "finished", step: result.steps }]);
  });

  it("is scored with its last weights, or with its best", async () => {
    const { result } = record();
    const last = (await ok(["evaluate", "early", "--json"])).json;
    expect(last).toMatchObject({ weights: "last", steps: result.steps, weightsSha256: result.weightsSha256 });
    expect(last.testAccuracy).toBe(result.test.accuracy);
    const { json, stderr } = await ok(["evaluate", "early", "--weights", "best", "--json"]);
    expect(json).toMatchObject({ weights: "best", steps: result.best.step, weightsSha256: result.best.weightsSha256 });
    expect(json.testAccuracy).toBe(result.best.test.accuracy);
    expect(stderr).toContain(`With the best weights, from step ${result.best.step}`);
  });

  it("predicts with either; a file has only its own weights", async () => {
    const files = ["missing.png", "--weights", "best"];
    expect((await cli.inkling(["predict", "early", ...files])).stderr).toContain("missing.png: it does not exist");
    const { code, stderr } = await cli.inkling(["predict", "early/best.safetensors", ...files]);
    expect(code).toBe(2);
    expect(stderr).toBe("inkling: --weights applies to the folder of a run, but early/best.safetensors is a file\n");
  });

  it("replays by its steps to the same bits, with learning rates that follow validations", async () => {
    const { json } = await ok(["replay", "early", "--json"]);
    expect(json).toMatchObject({ same: true, steps: record().result.steps });
  });

  it("has nothing left to resume, makes a lost file again, and trains on with more patience", async () => {
    const { result } = record();
    expect((await ok(["train", "--resume", "early"])).stderr).toContain(
      `stopped early after ${result.steps} steps; continue with --early-stopping N, N above 3`,
    );
    await rm(join(early(), "best.safetensors"));
    const again = (await ok(["train", "--resume", "early", "--json"])).json;
    expect(again).toMatchObject({ steps: result.steps, stoppedEarly: true, weightsSha256: result.weightsSha256 });
    expect((await openRun(early(), undefined, "best")).step).toBe(result.best.step);
    const longer = (await ok(["train", "--resume", "early", "--early-stopping", "6", "--json"])).json;
    expect(longer.steps).toBeGreaterThan(result.steps);
  });

  it("under way has the best weights up to its newest checkpoint", async () => {
    const { result, ...rest } = record();
    await writeFile(join(early(), "run.json"), JSON.stringify(rest));
    const { step, trained } = await openRun(early(), undefined, "best");
    expect(step).toBeLessThanOrEqual(result.best.step);
    expect((await openRun(early())).step).toBe(result.steps);
    expect(trained.weights.size).toBeGreaterThan(0);
  });
});
