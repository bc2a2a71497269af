import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FORMAT_VERSION } from "../../src/base/formatVersion.ts";
import { chooseRecipe } from "../../src/cli/loadRecipe.ts";
import { printed } from "./printed.ts";
import { runCommand } from "./program.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "inkling-recipe-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const ofRun = (recipe: string): string => {
  writeFileSync(join(folder, "run.json"), JSON.stringify({ formatVersion: FORMAT_VERSION, recipe }));
  return folder;
};
const chosen = async (...args: Parameters<typeof chooseRecipe>) => (await chooseRecipe(...args)).name;

describe("the recipe of a command", () => {
  it("is the one that is named", async () => {
    expect(await chosen({ recipe: "fast" }, "letters")).toBe("fast");
    expect(await chosen({ recipe: "best", initFrom: ofRun("fast") }, "photos")).toBe("best");
  });

  it("is that of the run whose weights it starts from, which has the same layers", async () => {
    expect(await chosen({ initFrom: ofRun("lenet") }, "photos")).toBe("lenet");
    expect(await chosen({ initFrom: ofRun("auto") }, "letters")).toBe("auto");
  });

  it("is that for the data if the run's is someone's own, or the weights are a file", async () => {
    expect(await chosen({ initFrom: ofRun("mine") }, "photos")).toBe("auto");
    writeFileSync(join(folder, "model.safetensors"), "");
    expect(await chosen({ initFrom: join(folder, "model.safetensors") }, "letters")).toBe("lenet");
    expect(await chosen({}, "photos")).toBe("auto");
  });
});

describe("the article's recipe, which does not learn with seed 5,", () => {
  /** Trains for a moment; returns the rate that is recorded, and what was printed. */
  async function trained(...options: readonly string[]): Promise<readonly [rate: number, printed: string]> {
    const out = join(mkdtempSync(join(folder, "run-")), "run");
    const short = ["--seed", "5", "--steps", "32", "--validate-every", "0", "--out", out];
    const { all } = await printed(() => runCommand(["train", "letters", ...short, ...options]));
    const { optimizer } = JSON.parse(readFileSync(join(out, "run.json"), "utf8"));
    return [optimizer.learningRate.initialLearningRate, all];
  }

  it("starts again with half of its learning rate, if it was not asked for", async () => {
    const [rate, text] = await trained();
    expect(rate).toBe(0.05);
    expect(text).toMatch(/does not learn with this seed .*; training starts again with a learning rate of 0\.05/);
  });

  it("is trained as it is, if it was", async () => {
    const [rate, text] = await trained("--recipe", "lenet");
    expect(rate).toBe(0.1);
    expect(text).toMatch(/The network does not learn: .* after 16 steps/);
  });
});
