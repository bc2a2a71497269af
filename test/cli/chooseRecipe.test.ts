import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FORMAT_VERSION } from "../../src/base/formatVersion.ts";
import { chooseRecipe } from "../../src/cli/loadRecipe.ts";

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
