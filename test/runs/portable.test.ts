import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { enableRelaxedSimd } from "../../src/backends/node/enableRelaxedSimd.ts";
import { dense, flatten } from "../../src/layers/index.ts";
import { network } from "../../src/model/index.ts";
import { resumeRun } from "../../src/node.ts";
import { unpackedRun } from "../../src/runs/node/unpackRun.ts";
import { PortableRun } from "../../src/runs/portableRun.ts";
import { formatRecord, parseRecord, type RunRecord, recordAfter } from "../../src/runs/record.ts";
import { train } from "../../src/training/index.ts";
import { bars } from "../training/data.ts";

enableRelaxedSimd();
const data = bars(60, { classes: 2, size: 4 });
const model = network({ input: [4, 4, 1], classes: data.classNames }, [flatten(), dense(2)]);
const options = { batchSize: 8, steps: 9, validateEvery: 3 };

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "inkling-portable-"));
});
afterAll(() => rm(root, { recursive: true }));

/** A run that was stopped after some steps. */
async function stopped(after: number): Promise<PortableRun> {
  const run = new PortableRun({ source: "bars", recipe: "mine" });
  const abort = new AbortController();
  const training = train(model, data, { ...options, signal: abort.signal });
  await training.setCallSize({ steps: 1 });
  const follow = async () => {
    for await (const event of training) {
      run.record(event);
      if (event.type === "progress" && event.step === after) abort.abort();
    }
  };
  await expect(follow()).rejects.toMatchObject({ code: "ABORTED" });
  return run;
}
const goOn = async (run: PortableRun) => {
  for await (const event of train(run.model, data, run.options)) run.record(event);
  return run;
};
const undisturbed = () => train(model, data, options).result();

describe("a portable run", () => {
  it("records a confusion matrix of many classes without its zeros, and reads it with them", async () => {
    const many = { ...data, classNames: Array.from({ length: 70 }, (_, k) => `class${k}`) };
    const wide = network({ input: [4, 4, 1], classes: many.classNames }, [flatten(), dense(70)]);
    let record: RunRecord | undefined;
    const surroundings = { host: { platform: "test", cpu: "none" }, origin: { source: "bars" } };
    for await (const event of train(wide, many, { steps: 2, batchSize: 8 }))
      record = recordAfter(record, event, surroundings);
    const text = formatRecord(record!);
    expect(text.length).toBeLessThan(20_000);
    expect(parseRecord(JSON.parse(text), "run.json")).toEqual(JSON.parse(JSON.stringify(record)));
    const wrong = text.replace(/"\d+:\d+( \d+:\d+)*"/, '"70:1"');
    expect(() => parseRecord(JSON.parse(wrong), "run.json")).toThrow('run.json: "70:1" is not a row of a confusion');
  });

  it("goes on from its file to the weights and metrics of an undisturbed one", async () => {
    const bytes = await (await stopped(4)).encode();
    const opened = await PortableRun.open(bytes);
    expect(opened.checkpoint?.step).toBe(4);
    expect(opened.run?.config).toMatchObject({ recipe: "mine", data: { source: "bars" }, steps: 9 });
    expect(opened.validations.map(({ step }) => step)).toEqual([0]); // the one after step 4 comes again
    const { run, validations } = await goOn(opened);
    const { weightsSha256, best } = await undisturbed();
    expect(run?.result).toMatchObject({ steps: 9, weightsSha256, best });
    expect(run?.sessions.map(({ step }) => step)).toEqual([0, 4]);
    expect(validations.map(({ step }) => step)).toEqual([0, 3, 6, 8]);
    const again = await PortableRun.open(new File([await opened.encode()], "bars.run"));
    expect(again.run).toEqual(run);
    expect(again.trained().weights).toEqual(opened.trained().weights);
    expect(again.trained("best").weights).toEqual(opened.trained("best").weights);
  });

  it("is unpacked to a folder, which goes on, and whose files are a run again", async () => {
    const path = join(root, "bars.run");
    await writeFile(path, await (await stopped(5)).encode());
    await writeFile(`${path}-other`, "no run");
    await expect(unpackedRun(`${path}-other`)).rejects.toThrow(
      /-other is not the file of a run; specify the folder of a run/,
    );
    const folder = await unpackedRun(path);
    expect(folder).toBe(join(root, "bars"));
    expect(await unpackedRun(folder)).toBe(folder);
    await expect(unpackedRun(path)).rejects.toThrow(/is unpacked already; resume with: inkling train --resume /);
    const resumed = await resumeRun(folder);
    const { config } = resumed.run!;
    for await (const event of train(config.model, data, { ...options, resume: resumed.checkpoint! }))
      await resumed.record(event);
    await resumed.close();
    const names = (await readdir(folder)).filter((name) => name !== "lock");
    const files = await Promise.all(
      names.map(async (name) => [name, new Blob([await readFile(join(folder, name))])] as const),
    );
    const opened = await PortableRun.open(new Map(files));
    expect(opened.run?.result?.weightsSha256).toBe((await undisturbed()).weightsSha256);
    expect(opened.checkpoint?.step).toBe(9);
  });

  it("is refused where there is none, or a damaged one, and has no weights before its first checkpoint", async () => {
    const bytes = await (await stopped(2)).encode();
    const empty = new Map([["a.txt", new Blob(["a"])]]);
    await expect(PortableRun.open(empty)).rejects.toMatchObject({ code: "NOT_FOUND", message: /has no run.json/ });
    await expect(PortableRun.open(bytes.subarray(0, 300))).rejects.toMatchObject({ code: "INVALID_DATA" });
    const broken = new Map([["run.json", new Blob(["[]"])]]);
    await expect(PortableRun.open(broken)).rejects.toThrow("run/run.json is not a JSON object; it is damaged");
    await expect(new PortableRun().encode()).rejects.toThrow("the run has not started");
    expect(() => new PortableRun().trained()).toThrow("the run has no last weights yet: it had no checkpoint");
  });
});
