import { writeFileSync } from "node:fs";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Dataset, type Fix, formatFixes, imageDigests } from "../../src/index.ts";
import { openDataset, readFixes, writeFixes } from "../../src/node.ts";
import { type CommandLine, commandLine } from "../runs/cli.ts";

let cli: CommandLine;
let data: Dataset;
const at = (name: string) => join(cli.folder, name);
const gone: Fix = { action: "keep", sha256: "0".repeat(64), label: "A", name: "A/gone.png" };

async function ok(...args: readonly string[]) {
  const { stdout, stderr, code } = await cli.inkling(args);
  expect(code, stderr).toBe(0);
  return { json: args.includes("--json") ? JSON.parse(stdout) : undefined, stdout, stderr };
}

beforeAll(async () => {
  cli = await commandLine();
  data = await openDataset(at("bars.inkling"));
  const digests = await imageDigests(data, [0, 1, 2]);
  const { imageShape } = data;
  const drop: Fix = { action: "drop", sha256: digests[0]!, label: "A" };
  const relabel: Fix = { action: "relabel", to: "C", sha256: digests[1]!, label: "B" };
  await writeFixes(at("fixes.json"), { imageShape, fixes: [drop, relabel, gone] });
  await writeFixes(at("more.json"), { imageShape, fixes: [{ action: "drop", sha256: digests[1]!, label: "C" }] });
  writeFileSync(at("cut.json"), formatFixes(await readFixes(at("fixes.json"))).slice(0, -9));
});
afterAll(() => cli?.remove());

describe("--fixes", () => {
  it("changes what every command that reads a data set sees, says so, and leaves the source as it is", async () => {
    const { json: before } = await ok("data", "inspect", "bars.inkling", "--json");
    const { json, stderr } = await ok("data", "inspect", "bars.inkling", "--fixes", "fixes.json", "--json");
    expect(json.classes.map(({ count }: { readonly count: number }) => count)).toEqual([49, 49, 51, 50]);
    expect(stderr).toContain(
      "fixes.json: 1 images dropped, 1 relabeled, 0 kept\nfixes.json: 1 of 3 corrections match no image:\n  keep A/gone.png, label A\n",
    );
    for (const command of [
      ["pack", "bars.inkling", "fixed-1.inkling"],
      ["export", "bars.inkling", "fixed-2.inkling"],
      ["merge", "bars.inkling", "--out", "fixed-3.inkling"],
      ["sample", "bars.inkling", "fixed-4.inkling", "--size", "1"],
      ["split", "bars.inkling", "fixed-5", "--training-size", "1", "--validation-size", "0", "--test-size", "0"],
    ]) {
      await ok("data", ...command, "--fixes", "fixes.json");
      const written = command.find((name) => name.startsWith("fixed"))!;
      const { labels } = await openDataset(at(written.endsWith("5") ? `${written}/training.inkling` : written));
      expect(labels.length, command[0]).toBe(199);
    }
    expect((await openDataset(at("fixed-1.inkling"))).labels[0]).toBe(2);
    expect((await ok("data", "inspect", "bars.inkling", "--json")).json).toEqual(before);
  });

  it("takes several files, one after another", async () => {
    const { json } = await ok(
      ...["data", "inspect", "bars.inkling", "--json", "--fixes", "fixes.json", "--fixes", "more.json"],
    );
    expect(json.count).toBe(198);
  });

  it("names what matches in none of several sources only", async () => {
    const { stderr } = await ok(
      ...["data", "merge", "others.inkling", "bars.inkling", "--out", "both.inkling", "--fixes", "fixes.json"],
    );
    expect(stderr).toContain("fixes.json: 1 of 3 corrections match no image:\n  keep A/gone.png");
  });

  it("goes with a run: it is evaluated, resumed and replayed with its fixes, wherever they are now", async () => {
    const training = ["train", "bars.inkling", "--recipe", "small.mjs", "--steps", "20", "--json"];
    const { json: run } = await ok(...training, "--fixes", "fixes.json", "--out", "fixed");
    const { json: plain } = await ok(...training, "--out", "plain");
    expect(run.weightsSha256).not.toBe(plain.weightsSha256);
    expect((await ok("evaluate", "fixed", "--json")).json.testAccuracy).toBe(run.testAccuracy);
    await rename(at("fixes.json"), at("moved.json"));
    const { stderr, code } = await cli.inkling(["evaluate", "fixed"]);
    expect({ stderr, code }).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^inkling: fixes.json does not exist/m),
    });
    await ok("evaluate", "fixed", "--fixes", "moved.json");
    await ok("train", "--resume", "fixed", "--extend", "5", "--fixes", "moved.json");
    await ok("replay", "fixed", "--fixes", "moved.json");
    expect((await ok("evaluate", "fixed", "bars.inkling", "--json")).json.testImages).toBe(200);
    expect((await ok("evaluate", "fixed", "bars.inkling", "--fixes", "moved.json", "--json")).json.testImages).toBe(
      199,
    );
    const other = await cli.inkling(["evaluate", "fixed", "--fixes", "more.json"]);
    expect(other.stderr).toContain("bars.inkling has changed since the run was trained");
    await rename(at("moved.json"), at("fixes.json"));
  });

  it.each([
    ["cut.json", 1, /^inkling: cut.json is not valid JSON: /m],
    ["nowhere.json", 1, /^inkling: nowhere.json does not exist; create a fixes file with: inkling data audit\n$/m],
    ["bars.inkling", 1, /^inkling: bars.inkling is not valid JSON: /m],
  ])("refuses %s", async (file, expected, message) => {
    const { code, stderr } = await cli.inkling(["data", "inspect", "bars.inkling", "--fixes", file]);
    expect({ code, stderr }).toMatchObject({ code: expected, stderr: expect.stringMatching(message) });
  });

  it("refuses images of another size", async () => {
    const { stderr } = await cli.inkling([
      "data",
      "inspect",
      "bars.inkling",
      "--resize",
      "9x9",
      "--fixes",
      "fixes.json",
    ]);
    expect(stderr.split("\n").slice(1).join("\n")).toBe(
      "inkling: the label corrections are for images of shape (8, 8, 1), but those of bars have (9, 9, 1); open it with --resize 8x8, or create new ones\n",
    );
  });
});
