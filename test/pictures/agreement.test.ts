import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { softmax } from "../../src/evaluation/softmax.ts";
import { type Dataset, encodeModel, type Prediction, type TrainedModel } from "../../src/index.ts";
import { openDataset } from "../../src/node.ts";
import { chromiumPath, Site } from "../browser/site.ts";
import { Inkling } from "../cli/inkling.ts";
import { type Case, casesOf, filesOf, modelOn } from "./agreement.ts";

/** Files of each set. For 200: `INKLING_PICTURES=200 npx vitest run test/pictures/agreement.test.ts`. */
const FILES = Number(process.env["INKLING_PICTURES"] ?? 12);
const PATIENCE = 120_000 + 1000 * FILES;

let folder: string;
let inkling: Inkling;
const site = new Site("pictures");
const opened = new Map<string, { readonly path: string; readonly dataset: Dataset; readonly trained: TrainedModel }>();
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "inkling-agreement-"));
  inkling = new Inkling();
  for (const [i, { name, options, make }] of casesOf(FILES).entries()) {
    const path = join(folder, `set${i}`);
    await make(path);
    const dataset = await openDataset(path, options);
    opened.set(name, { path, dataset, trained: modelOn(dataset) });
  }
}, PATIENCE);
afterAll(async () => {
  inkling.remove();
  await rm(folder, { recursive: true });
});

/** The probabilities by class, from a prediction. */
const byClass = ({ ranking }: Pick<Prediction, "ranking">, classes: readonly string[]) =>
  classes.map((name) => ranking.find(({ label }) => label === name)!.probability);

/** The probabilities that `evaluate` counts: of the images as the data set has them. */
async function evaluated({ dataset, trained }: { readonly dataset: Dataset; readonly trained: TrainedModel }) {
  const logits = await trained.logits(dataset.images);
  const count = dataset.classNames.length;
  return Array.from(dataset.labels, (_, row) => [...softmax(logits.subarray(row * count, (row + 1) * count))]);
}

function expectSame(got: readonly (readonly number[])[], want: readonly (readonly number[])[]): void {
  expect(got.length).toBe(want.length);
  const apart = got.flatMap((row, i) => row.map((p, k) => Math.abs(p - want[i]![k]!)));
  expect(Math.max(...apart)).toBeLessThan(1e-6);
}

describe.each(casesOf(FILES).map(({ name }: Case) => name))("a training on %s", (name) => {
  it("sees in a prediction what it saw in training", async () => {
    const { path, dataset, trained } = opened.get(name)!;
    const files = await filesOf(path, dataset);
    const predictions = await trained.predictBatch(files.map((bytes) => new Blob([new Uint8Array(bytes)])));
    expectSame(
      predictions.map((prediction) => byClass(prediction, dataset.classNames)),
      await evaluated({ dataset, trained }),
    );
  });

  it("sees the same in the same files when they are given for evaluation", async () => {
    const { path, dataset, trained } = opened.get(name)!;
    expect((await openDataset(path, { inputsOf: trained })).images).toEqual(dataset.images);
  });

  it("sees the same on the command line", async () => {
    const { path, dataset, trained } = opened.get(name)!;
    await writeFile(join(inkling.cwd, "model.safetensors"), encodeModel(trained));
    const files = dataset.names!.map((file) => join(path, file));
    const { stdout } = await inkling.run("predict", "model.safetensors", ...files, "--json");
    const { pictures } = JSON.parse(stdout) as { readonly pictures: readonly Prediction[] };
    expectSame(
      pictures.map((prediction) => byClass(prediction, dataset.classNames)),
      await evaluated({ dataset, trained }),
    );
  });
});

describe.skipIf(!chromiumPath)("in Chromium, if there is one", () => {
  beforeAll(() => site.make(), 300_000);
  afterAll(() => site.remove());

  it(
    "a prediction sees what training saw",
    async () => {
      const address = await site.serve({ isolated: false });
      for (const { path, dataset, trained } of opened.values()) {
        const files = (await filesOf(path, dataset)).map((bytes) => bytes.toString("base64"));
        const model = Buffer.from(encodeModel(trained)).toString("base64");
        const predictions = await site.evaluate<readonly Prediction[]>(address, "predictAll", model, files);
        expectSame(
          predictions.map((prediction) => byClass(prediction, dataset.classNames)),
          await evaluated({ dataset, trained }),
        );
      }
    },
    PATIENCE,
  );
});
