import { mkdir, mkdtemp, readFile, rm, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { enableRelaxedSimd } from "../../../../src/backends/node/enableRelaxedSimd.ts";
import { InklingError } from "../../../../src/base/error.ts";
import type { TrainedModel } from "../../../../src/evaluation/index.ts";
import { dense, flatten } from "../../../../src/layers/index.ts";
import { network } from "../../../../src/model/index.ts";
import { createRun, openRun } from "../../../../src/node.ts";
import { sgd } from "../../../../src/optimizers/index.ts";
import { type TrainEvent, train } from "../../../../src/training/index.ts";
import { bars } from "../../../training/data.ts";

enableRelaxedSimd();
const model = network({ input: [8, 8, 1], classes: [..."ABCD"] }, [flatten(), dense(4)]);
const image = bars(1).images;

let folder: string;
const events: TrainEvent[] = [];
let trained: TrainedModel;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "inkling-run-"));
  const run = train(model, bars(40), { steps: 3, optimizer: sgd(0.1), validateEvery: 1 });
  for await (const event of run) events.push(event);
  trained = await run.model();
});
afterAll(() => rm(folder, { recursive: true }));

/** A folder that has recorded a whole run. */
async function recorded(name: string): Promise<string> {
  const path = join(folder, name);
  const run = await createRun(path, { source: "bars", recipe: "none" });
  for (const event of events) await run.record(event);
  await run.close();
  return path;
}

describe("a run folder", () => {
  it("comes back with its model and how it was made", async () => {
    const run = await openRun(await recorded("deep/er/one"));
    expect(run.config).toMatchObject({ recipe: "none", seed: 1, steps: 3, data: { source: "bars" }, model });
    expect(run.step).toBe(3);
    expect(await run.trained.predict(image)).toEqual(await trained.predict(image));
  });

  it("holds the metrics, a line for each validation, and the result", async () => {
    const path = await recorded("two");
    const lines = (await readFile(join(path, "metrics.jsonl"), "utf8")).trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line).step)).toEqual([0, 1, 2]);
    const json = JSON.parse(await readFile(join(path, "run.json"), "utf8"));
    expect(json).toMatchObject({ formatVersion: 1, result: { steps: 3 } });
  });

  it("must be empty before", async () => {
    const path = await recorded("three");
    await expect(createRun(path, { source: "bars" })).rejects.toMatchObject({
      code: "FILE_SYSTEM",
      message: expect.stringMatching(/three is not empty; .*choose another one with --out/),
    });
    await expect(createRun(join(path, "run.json"), { source: "bars" })).rejects.toMatchObject({ code: "FILE_SYSTEM" });
    expect((await openRun(path)).step).toBe(3);
  });

  it.each(["run.json", "model.safetensors"])("without %s is not found", async (name) => {
    const path = await recorded(`without-${name}`);
    await unlink(join(path, name));
    await expect(openRun(path)).rejects.toMatchObject({
      code: "NOT_FOUND",
      message: expect.stringContaining(`${join(path, name)} does not exist`),
    });
  });

  it("that is nowhere, empty, or a file, is not found", async () => {
    await mkdir(join(folder, "empty"));
    await writeFile(join(folder, "file"), "x");
    for (const name of ["nowhere", "empty", "file"])
      await expect(openRun(join(folder, name))).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  it.each([
    ["no JSON", "{", /run\.json is not a JSON object/],
    ["a list", "[]", /run\.json is not a JSON object/],
    [
      "a later version",
      JSON.stringify({ formatVersion: 2 }),
      /format version is 2, but this version of Inkling reads 1; update Inkling/,
    ],
    ["nothing in it", "{}", /has no format version/],
    ["no settings", JSON.stringify({ formatVersion: 1 }), /run\.json: data is missing/],
  ])("whose run.json is %s is refused", async (name, text, message) => {
    const path = await recorded(`broken-${name.replaceAll(" ", "-")}`);
    await writeFile(join(path, "run.json"), text);
    await expect(openRun(path)).rejects.toThrow(message);
    await expect(openRun(path)).rejects.toBeInstanceOf(InklingError);
  });

  it("whose weights are cut off, or another run's, is refused", async () => {
    const path = await recorded("cut");
    const weights = join(path, "model.safetensors");
    const bytes = await readFile(weights);
    await writeFile(weights, bytes.subarray(0, -1));
    await expect(openRun(path)).rejects.toMatchObject({ code: "INVALID_DATA" });
    bytes[bytes.length - 2]! ^= 1;
    await writeFile(weights, bytes);
    await expect(openRun(path)).rejects.toMatchObject({ code: "INVALID_DATA" });
  });
});
