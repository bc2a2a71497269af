import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { freeFolder } from "../../src/runs/node/freeFolder.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "inkling-free-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const recipe = { name: "lenet" };

it("takes the first unused number", async () => {
  const parent = join(folder, "runs");
  expect(await freeFolder(parent, recipe, "data/my letters.tar.gz")).toBe(join(parent, "lenet-my-letters-1"));
  expect(await freeFolder(parent, recipe, "data/my letters.tar.gz")).toBe(join(parent, "lenet-my-letters-2"));
});

it("leaves it to whoever uses the folder to report that it cannot be created", async () => {
  const file = join(folder, "file");
  writeFileSync(file, "");
  expect(await freeFolder(file, recipe, "letters")).toBe(join(file, "lenet-letters-1"));
  const missing = "/proc/.missing/runs";
  if (process.platform === "linux")
    expect(await freeFolder(missing, recipe, "letters")).toBe(join(missing, "lenet-letters-1"));
});
