import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadRecipe } from "../../src/cli/loadRecipe.ts";
import {
  type AnyDataset,
  applyFixes,
  optionsOf,
  type RecipeTraining,
  recipeTraining,
  TrainingData,
  type TrainingSpec,
  train,
  trainSpec,
  weightsSha256,
} from "../../src/index.ts";
import {
  listRuns,
  openDataset,
  openInitial,
  openRun,
  readFixes,
  readMetrics,
  readRun,
  resumeRun,
} from "../../src/node.ts";
import expected from "./fixtures/expected.json" with { type: "json" };

/** Runs that older versions left: test/runs/fixtures/README.md says which, and by what they were made. */
interface OldRun {
  readonly steps: number;
  readonly weightsSha256: string;
  readonly state: string;
  /** What a resume says, where it is refused. */
  readonly refused?: string;
  readonly bestWeightsSha256?: string;
  /** What this version comes to instead, where it rounds differently or averages otherwise. */
  readonly now?: { readonly weightsSha256: string; readonly bestWeightsSha256?: string };
}

const fixtures = fileURLToPath(new URL("fixtures", import.meta.url));
const runs = Object.entries(expected as unknown as Readonly<Record<string, OldRun>>);
const finished = runs.filter(([, { state }]) => state === "finished");
const stopped = runs.filter(([, { state }]) => state !== "finished");

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "inkling-old-"));
  await cp(join(fixtures, "runs"), folder, { recursive: true });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function open(source: string, fixes: readonly string[] = []): Promise<AnyDataset> {
  let dataset = await openDataset(join(fixtures, source));
  for (const path of fixes) dataset = (await applyFixes(dataset, await readFixes(join(fixtures, path)))).dataset;
  return dataset;
}

/** What a training of a spec needs besides it. */
async function given(path: string, config: TrainingSpec) {
  const { source, test, fixes } = config.data;
  const initFrom = await openInitial(path, config);
  return {
    data: await open(source, fixes),
    host: { ...(test !== undefined && { test: await open(test, fixes) }), ...(initFrom && { initFrom }) },
  };
}

describe("runs of older versions", () => {
  it("are listed, none of them as damaged but by a checkpoint that was never whole for this version", async () => {
    const listed = await listRuns(folder);
    expect(listed).toHaveLength(runs.length);
    const damaged = listed.filter(({ status }) => status === "damaged").map(({ path }) => path);
    expect(damaged).toEqual([join(folder, "old-87a4d64-stopped")]);
  });

  it.each(finished)(
    "%s has its weights and its metrics, and is trained to the same weights again",
    async (name, run) => {
      const path = join(folder, name);
      const { config, step, trained } = await openRun(path);
      expect(step).toBe(run.steps);
      expect(await weightsSha256(trained.weights)).toBe(run.weightsSha256);
      expect((await readMetrics(path)).length).toBeGreaterThan(0);
      const { earlyStopping: _, ...fixed } = config;
      const { data, host } = await given(path, config);
      const result = await trainSpec({ ...fixed, steps: run.steps }, data, { ...host, backend: "wasm" }).result();
      expect(result.weightsSha256).toBe((run.now ?? run).weightsSha256);
    },
  );

  it.each(stopped.filter(([, { refused }]) => refused === undefined))(
    "%s is resumed to the weights of the undisturbed run",
    async (name, run) => {
      const path = join(folder, name);
      const resumed = await resumeRun(path);
      try {
        const { config } = resumed.run!;
        const { data, host } = await given(path, config);
        const options = { ...optionsOf(config), ...host, backend: "wasm", resume: resumed.checkpoint! };
        for await (const event of train(config.model, data, options)) await resumed.record(event);
      } finally {
        await resumed.close();
      }
      const { result } = await readRun(path);
      const { weightsSha256, bestWeightsSha256 } = run.now ?? run;
      expect(result).toMatchObject({ steps: run.steps, weightsSha256 });
      if (bestWeightsSha256) expect(result!.best!.weightsSha256).toBe(bestWeightsSha256);
      expect((await openRun(path)).step).toBe(run.steps);
    },
  );

  it.each(stopped.filter(([, { refused }]) => refused !== undefined))(
    "%s is refused, which says why",
    async (name, run) => {
      const failure = await resumeRun(join(folder, name)).then(
        () => "",
        (error: Error) => error.message.replaceAll(folder, "runs"),
      );
      expect(run.refused).toContain(failure);
    },
  );

  it("say in their settings what they were trained with, in the words of now", async () => {
    const { config } = await readRun(join(fixtures, "runs/old-012c566"));
    expect(config).toMatchObject({ split: { keepTogether: "groups" }, monitor: "accuracy" });
    expect(config.optimizer).toMatchObject({ weightDecayMask: "kernels" });
  });
});

describe("a recipe in parts, as files of before have them", () => {
  const shapeOf = (data: TrainingData) => ({
    images: { input: data.dataset.imageShape, classes: data.dataset.classNames },
    trainingImages: data.division.split.training.length,
  });

  it("comes to the settings that an old run recorded", async () => {
    const { config } = await readRun(join(fixtures, "runs/followed"));
    const { source, fixes } = config.data;
    const data = new TrainingData(await open(source, fixes), config);
    const recipe = await loadRecipe(join(fixtures, "recipes/followed.ts"));
    const { steps, validateEvery, earlyStopping, monitor } = config;
    const overrides = { steps, ...(earlyStopping && { earlyStopping }), monitor };
    const training: RecipeTraining = recipeTraining(recipe, shapeOf(data), overrides);
    expect(training.model).toEqual(config.model);
    expect(training).toMatchObject({ optimizer: config.optimizer, batchSize: config.batchSize, steps, validateEvery });
    expect(training.mixup).toBe(config.mixup);
  });
});
