import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { type RunsCommandOptions, runsCommand } from "../../src/cli/runs/runs.ts";
import { runsTable } from "../../src/cli/runs/table.ts";
import { withoutWinograd } from "../../src/model/index.ts";
import { extended, oneCycle, sgd } from "../../src/optimizers/index.ts";
import { describeDifferences, tableOfDifferences } from "../../src/report/describeDifferences.ts";
import type { RunSummary } from "../../src/report/runSummary.ts";
import { readRun } from "../../src/runs/node/runFile.ts";
import { printed } from "./printed.ts";

const folder = fileURLToPath(new URL("../runs/fixtures/runs", import.meta.url));

const print = (options: Partial<RunsCommandOptions> = {}) =>
  printed(() => runsCommand(folder, { sort: "name", ...options }));
const runs = async (options?: Partial<RunsCommandOptions>): Promise<string> => (await print(options)).stdout;
const namesIn = (table: string) => table.split("\n").map((line) => /^[\w-]+/.exec(line)?.[0]);

describe("inkling runs", () => {
  it("is one table with a line per run", async () => {
    const lines = (await runs()).trimEnd().split("\n");
    expect(lines[0]).toMatch(/^run +params +batch +rate +steps +val +test +time$/);
    expect(lines.find((line) => line.startsWith("plain"))).toMatch(
      /^plain +151 +16 +0\.05 +600 +100\.0 % +100\.0 % +[\d.]+ s$/,
    );
    expect(lines.find((line) => line.startsWith("tuned"))).toMatch(/^tuned-stopped .* 201\/600 +– +stopped +–$/);
  });

  it("is sorted as it is asked to be, and what has no result comes last", async () => {
    expect(namesIn(await runs()).slice(1, 4)).toEqual(["followed", "followed-stopped", "old-4a7ef5a-stopped"]);
    const byParameters = namesIn(await runs({ sort: "parameters" }));
    expect(byParameters[1]).toBe("winograd-stopped");
    const tested = namesIn(await runs({ sort: "test" }));
    expect(tested[4]).toBe("followed"); // 71.4 %, after three of 100 %
    const json = JSON.parse(await runs({ sort: "parameters", json: true }));
    expect(json.runs[0]).toMatchObject({ parameters: 683, batchSize: 16, learningRate: 0.1, steps: 400, step: 161 });
  });

  it("is saved as a page, with links to the pages of runs", async () => {
    const place = mkdtempSync(join(tmpdir(), "inkling-runs-"));
    try {
      const file = join(place, "all.html");
      expect((await print({ html: file })).stderr).toMatch(/page of \d+ runs: /);
      const page = readFileSync(file, "utf8").replaceAll(/<(script|style)[^>]*>[\s\S]*?<\/\1>/g, "");
      for (const words of ["plain", "followed", "Settings that differ", "--batch-size", "Highest validation accuracy"])
        expect(page).toContain(words);
      expect(page).not.toMatch(/NaN|undefined/);
      await expect(runs({ html: file, diff: ["plain", "followed"] })).rejects.toThrow("--html is a page of all runs");
    } finally {
      rmSync(place, { recursive: true });
    }
  });

  it("compares two runs", async () => {
    const diff = await runs({ diff: ["plain", "tuned-stopped"] });
    expect(diff).toMatch(/^setting +plain +tuned-stopped\n/);
    expect(diff).toMatch(/^test accuracy +100\.0 % +–$/m);
    const json = JSON.parse(await runs({ diff: ["plain", "followed"], json: true }));
    expect(json.settings).toContainEqual({ path: "batchSize", a: 16, b: 12 });
    await expect(runs({ diff: ["plain"] })).rejects.toThrow("--diff compares two runs, but 1 name given");
  });
});

it("names what differs by options, cuts no values, and rounds numbers that still differ then", async () => {
  const diff = await runs({ diff: ["plain", "followed"] });
  expect(diff).not.toMatch(/\d\.\d{9}|…|readings|ingerprint/);
  expect(diff).toMatch(/^--class-weights +– +\[1\.15385,1,0\.882353\]$/m);
  expect(diff).toMatch(/^--early-stopping +– +12$/m);
  expect(diff).toMatch(/^--batch-size +16 +12$/m);
  const trainingOf = async (name: string) => (await readRun(join(folder, name))).config;
  const config = await trainingOf("plain");
  const replanned = { ...config, steps: 900, optimizer: sgd(extended(oneCycle(0.2, 300), 100, oneCycle(0.3, 900))) };
  expect(describeDifferences({ ...config, optimizer: sgd(oneCycle(0.2, config.steps)) }, replanned)).toEqual([
    ["--steps", "600", "900"],
    ["--learning-rate", "0.2", "0.3"],
    ["schedule", "oneCycle", "oneCycle, replanned"],
  ]);
  const { model } = await trainingOf("winograd-stopped");
  const winograd = { ...config, model };
  const direct = { ...config, model: withoutWinograd(model) };
  expect(describeDifferences(direct, winograd)).toEqual([["--winograd", "–", "yes"]]);
  expect(tableOfDifferences([direct, replanned, winograd])).toMatchObject({
    names: expect.arrayContaining(["--steps", "--learning-rate", "network", "--winograd"]),
  });
  expect(tableOfDifferences([direct, winograd])).toEqual({ names: ["--winograd"], values: [["–"], ["yes"]] });
});

describe("a table of runs", () => {
  const run = (n: number): RunSummary => ({
    ...{ path: `runs/inception-notMNIST_large-${n}`, status: "finished", step: 1_000_000, started: "" },
    settings: { recipe: "inception", parameters: 1_234_567, batchSize: 1024, learningRate: 0.0003, steps: 1_000_000 },
    ...{ validation: 1, test: { accuracy: 0.9, interval: [0.88, 0.92] }, seconds: 100_000 },
  });

  it.each([40, 60, 80, 120])("fits %i characters", (width) => {
    const lines = runsTable([run(1), run(22)], width);
    expect(lines).toHaveLength(3);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
  });
});
