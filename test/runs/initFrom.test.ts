import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readRun, savePack } from "../../src/node.ts";
import { bars } from "../training/data.ts";
import { type CommandLine, commandLine } from "./cli.ts";

let cli: CommandLine;
const training = ["--recipe", "small.mjs", "--steps", "40", "--validate-every", "20", "--json"];
beforeAll(async () => {
  cli = await commandLine();
  await savePack(bars(120, { classes: 3 }), join(cli.folder, "three.inkling"));
  await ok(["train", "bars.inkling", ...training, "--out", "before"]);
});
afterAll(() => cli.remove());

async function ok(args: readonly string[]) {
  const { stdout, stderr, code } = await cli.inkling(args);
  expect(code, stderr).toBe(0);
  return { json: JSON.parse(stdout), stderr };
}

describe("inkling train --init-from", () => {
  it("starts from a run's weights, with other classes, says so, and replays after the run is gone", async () => {
    const { stderr, json } = await ok([
      "train",
      "three.inkling",
      ...training,
      "--init-from",
      "before",
      "--out",
      "three",
    ]);
    expect(stderr).toContain("Initial weights taken from the other model: conv2d_1, batchNormalization_1\n");
    expect(stderr).toContain("  dense_1 starts fresh: dense_1.kernel has shape (256, 4) there, but (256, 3) here\n");
    const { config } = await readRun(join(cli.folder, "three"));
    expect(config).toMatchObject({ initFrom: "before", initialWeights: expect.stringMatching(/^[0-9a-f]{64}$/) });
    const file = await ok([
      "train",
      "three.inkling",
      ...training,
      "--init-from",
      "before/model.safetensors",
      "--out",
      "file",
    ]);
    expect(file.json.weightsSha256).toBe(json.weightsSha256);
    const without = await ok(["train", "three.inkling", ...training, "--out", "without"]);
    expect(without.json.weightsSha256).not.toBe(json.weightsSha256);
    await rm(join(cli.folder, "before"), { recursive: true });
    expect((await ok(["replay", "three", "--json"])).json.same).toBe(true);
  });

  it("goes on without a checkpoint, and refuses first weights that are others", async () => {
    const path = join(cli.folder, "three");
    const { result, ...rest } = JSON.parse(await readFile(join(path, "run.json"), "utf8"));
    await writeFile(join(path, "run.json"), JSON.stringify(rest));
    await rm(join(path, "checkpoint-40.safetensors"));
    for (const name of ["model", "best"]) await rm(join(path, `${name}.safetensors`));
    expect((await ok(["train", "--resume", "three", "--json"])).json.weightsSha256).toBe(result.weightsSha256);
    await writeFile(join(path, "run.json"), JSON.stringify({ ...rest, initialWeights: "0".repeat(64) }));
    const { code, stderr } = await cli.inkling(["replay", "three"]);
    expect(code).toBe(1);
    expect(stderr).toContain(
      "three/initial.safetensors does not contain the weights that the run started from; it is damaged or belongs to another run",
    );
  });
});
