import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { enableRelaxedSimd } from "../../src/backends/node/enableRelaxedSimd.ts";
import { InklingError } from "../../src/base/error.ts";
import { readMetrics, readRun } from "../../src/node.ts";
import { runStudy } from "../../src/search/node/runStudy.ts";
import { readStudy, StudyFolder } from "../../src/search/node/studyFolder.ts";
import { runTrial } from "../../src/search/node/trial.ts";
import { trialSpec } from "../../src/search/trialSpec.ts";
import { type Overrides, recipeTraining } from "../../src/training/index.ts";
import { base, data, definition, found as foundAt, Here, recipe, search as searchAt, TRIALS } from "./tinyStudy.ts";

enableRelaxedSimd();

const python = process.env["INKLING_PYTHON"] ?? "python3";
const hasOptuna = spawnSync(python, ["-c", "import optuna"]).status === 0;
const READ_WITH_OPTUNA = `
import json, sys, optuna
from optuna.storages.journal import JournalFileBackend
storage = optuna.storages.JournalStorage(JournalFileBackend(sys.argv[1]))
study = optuna.load_study(study_name=None, storage=storage)
trials = [[trial.state.name, trial.value, trial.params] for trial in study.trials]
print(json.dumps({"best": study.best_trial.number, "trials": trials}))
`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "inkling-search-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const search = (name: string, workers: Here, trials?: number) => searchAt(join(folder, name), workers, trials);
const found = (name: string) => foundAt(join(folder, name));

describe("a search", () => {
  beforeAll(() => search("one", new Here(1)));

  it("scores trials on validation images, and keeps the weights of the best", async () => {
    const { isDone, trials, best } = await found("one");
    expect(isDone).toBe(true);
    expect(trials).toHaveLength(TRIALS);
    expect(new Set(trials.map(({ state }) => state))).toEqual(new Set(["complete", "pruned", "failed"]));
    const run = await readRun(join(folder, "one", "trials", String(best).padStart(4, "0")));
    expect(run.result!.test.count).toBe(0);
    const [last] = trials[best!]!.outcomes.slice(-1);
    expect(last).toEqual({ score: run.result!.validation.accuracy, resource: 1 });
    const withWeights = trials.filter(({ number }) =>
      readdirSync(join(folder, "one", "trials", String(number).padStart(4, "0"))).includes("model.safetensors"),
    );
    expect(withWeights.map(({ number }) => number)).toContain(best);
    expect(withWeights).toHaveLength(2);
  });

  it("goes on with a trial where it paused, with the same weights as a training without a pause", async () => {
    const { trials } = await found("one");
    const { number, parameters } = trials.find(({ state }) => state === "complete")!;
    const path = join(folder, "one", "trials", String(number).padStart(4, "0"));
    const { sessions, result } = await readRun(path);
    expect(sessions.map(({ step }) => step)).toEqual(
      [0, 12].map((step) => (parameters["batchSize"] === 4 ? 2 * step : step)),
    );
    const spec = await trialSpec(base, parameters);
    const whole = await runTrial({ spec, steps: spec.steps, folder: join(folder, "whole") }, data, { threads: 1 });
    expect(whole).toMatchObject({ weightsSha256: result!.weightsSha256 });
    expect((await readMetrics(path)).map(({ step }) => step + 1).at(-1)).toBe(spec.steps);
  });

  it("sees the same number of images with every batch size", async () => {
    for (const batchSize of [4, 8]) expect((await trialSpec(base, { batchSize })).steps).toBe(288 / batchSize);
    const { optimizer } = recipeTraining(recipe, data.shape);
    expect((await trialSpec(base, {})).optimizer).toEqual(optimizer);
  });

  it("validates during a trial only if its training depends on it", async () => {
    const everyOf = async (overrides: Overrides) => (await trialSpec({ ...base, overrides }, {})).validateEvery;
    expect(await everyOf({})).toBe(0);
    expect(await everyOf({ earlyStopping: { patience: 2 } })).toBeGreaterThan(0);
    expect(await everyOf({ validateEvery: 7 })).toBe(7);
  });

  it("has the same trials and weights with more workers, after kills, and in parts", async () => {
    const expected = await found("one");
    await search("three", new Here(3));
    expect(await found("three")).toEqual(expected);
    let results = 0;
    for (let kill = 1; kill <= 3; kill++)
      await search("killed", new Here(1 + (kill % 4), () => ++results % 5 === 0), kill < 2 ? 3 : TRIALS).catch(
        (error) => {
          if (!(error instanceof InklingError) || error.message !== "killed") throw error;
          // The last line may be written in part.
          const journal = join(folder, "killed", "journal.jsonl");
          truncateSync(journal, readFileSync(journal).length - (kill % 2 === 0 ? 7 : 0));
        },
      );
    await search("killed", new Here(2));
    expect(await found("killed")).toEqual(expected);
  });

  it("scores the mean of folds, which take turns as validation images", async () => {
    const study = await StudyFolder.create(join(folder, "folds"), {
      ...{ definition: { ...definition, pruning: { type: "none", factor: 3, comparisons: 0 } }, trials: 2 },
      training: { recipe: "tiny", origin: { source: "bars" }, overrides: {}, backend: "wasm", folds: 3 },
    });
    await runStudy(study, new Here(1), {
      keep: 1,
      async tasksOf({ trial, parameters }) {
        const spec = await trialSpec(base, parameters);
        return [0, 1, 2].map((fold) => ({
          ...{ spec: { ...spec, split: { ...spec.split, folds: 3, fold } }, steps: 9 },
          folder: join(study.runOf(trial), `fold-${fold}`),
        }));
      },
    });
    await study.close();
    const { records, study: read } = await readStudy(join(folder, "folds"));
    for (const { folds, score } of records) {
      expect(folds).toHaveLength(3);
      expect(score).toBeCloseTo(folds!.reduce((sum, x) => sum + x, 0) / 3, 12);
    }
    const weights = (trial: number) =>
      readdirSync(study.runOf(trial), { recursive: true, encoding: "utf8" }).filter((name) => /model\.safe/.test(name));
    expect(weights(read.best!.number)).toHaveLength(3);
    expect(weights(1 - read.best!.number)).toHaveLength(0);
  });

  it.skipIf(!hasOptuna)("has a journal that Optuna reads (skipped unless INKLING_PYTHON has optuna)", async () => {
    const { study } = await readStudy(join(folder, "one"));
    cpSync(join(folder, "one", "journal.jsonl"), join(folder, "copy.jsonl"));
    const { stdout, stderr } = spawnSync(python, ["-c", READ_WITH_OPTUNA, join(folder, "copy.jsonl")], {
      encoding: "utf8",
    });
    const expected = study.trials.map(({ parameters, outcomes, state }) => {
      const last = outcomes.at(-1)!;
      return [state === "failed" ? "FAIL" : state.toUpperCase(), "score" in last ? last.score : null, parameters];
    });
    expect(stderr.includes("Error") ? stderr : JSON.parse(stdout)).toEqual({
      best: study.best!.number,
      trials: expected,
    });
  });

  it("refuses a damaged journal, and a folder that has a study already", async () => {
    cpSync(join(folder, "one"), join(folder, "damaged"), { recursive: true });
    const journal = join(folder, "damaged", "journal.jsonl");
    writeFileSync(journal, readFileSync(journal, "utf8").replace('"op_code":4', '"op_code":5'));
    await expect(readStudy(join(folder, "damaged"))).rejects.toThrow(/journal.jsonl line 5 is damaged/);
    const training = { recipe: "tiny", origin: {}, overrides: {}, backend: "wasm" };
    const again = StudyFolder.create(join(folder, "one"), { definition, training, trials: 9 });
    await expect(again).rejects.toThrow("already has a study; resume it with --resume");
    if (process.platform === "linux")
      await expect(StudyFolder.create("/proc/.missing/study", { definition, training, trials: 9 })).rejects.toThrow(
        "/proc/.missing cannot be created: the folder /proc does not exist or cannot be written to",
      );
    await expect(readStudy(folder)).rejects.toThrow("specify the folder of a study");
  });
});
