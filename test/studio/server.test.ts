import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { enableRelaxedSimd } from "../../src/backends/node/enableRelaxedSimd.ts";
import { encodeDataset, recipe, train } from "../../src/index.ts";
import { createRun, openDataset, readRun, saveDataset } from "../../src/node.ts";
import { isLocked } from "../../src/runs/node/runs.ts";
import type { MachineRun } from "../../src/studio/runSummary.ts";
import { StudioServer, type StudioServerOptions } from "../../src/studio/server/node/studioServer.ts";
import type { Settings } from "../../src/studio/settings.ts";
import type { Update } from "../../src/studio/updates.ts";
import { bars } from "../training/data.ts";
import { isActivity, isProblem, isProgress, isResult, TestPage } from "./server.ts";

enableRelaxedSimd();

const folder = mkdtempSync(join(tmpdir(), "inkling-studio-server-"));
const data = join(folder, "bars.inkling");
const settings: Settings = { recipe: "lenet", overrides: { steps: 30, seed: 3, validateEvery: 10 } };
let undisturbed = "";
beforeAll(async () => {
  await saveDataset({ ...bars(120, { classes: 3, size: 12 }), classNames: ["a", "b", "c"] }, data);
  const { result } = await trained();
  undisturbed = result.weightsSha256;
});
afterAll(() => rmSync(folder, { recursive: true }));

/** An undisturbed training, as a terminal makes it. */
async function trained() {
  const run = train(recipe("lenet"), await openDataset(data), { ...settings.overrides, backend: "wasm" });
  return { run, result: await run.result() };
}

let servers: StudioServer[] = [];
afterEach(async () => {
  for (const server of servers) await server.close();
  servers = [];
});

let started = 0;
/** A server with a folder of runs of its own, unless one is given, and a page of it. */
async function start(options: Partial<StudioServerOptions> = {}) {
  const runs = options.folder ?? join(folder, `runs-${started++}`);
  const server = await StudioServer.start({
    files: async () => undefined,
    backend: "wasm",
    folder: runs,
    sources: [data],
    runs: [],
    first: data,
    opening: {
      data: (source) => openDataset(source),
      runData: async (config) => ({ data: await openDataset(config.data.source) }),
    },
    report: async (run) => `the report of ${run}`,
    onError: (error) => {
      throw error;
    },
    ...options,
  });
  servers.push(server);
  return { server, page: new TestPage(server.app, server.token), runs, run: join(runs, "lenet-bars-1") };
}

const machineOf = (server: StudioServer, isWanted: (runs: readonly MachineRun[]) => boolean) =>
  new TestPage(server.app, server.token)
    .until(
      (update): update is Update & { readonly type: "machine" } =>
        update.type === "machine" && isWanted(update.machine.runs),
    )
    .then((seen) => seen.at(-1) as Update & { readonly type: "machine" });

describe("the server of the studio", () => {
  it("trains to the weights of a terminal in the folder of a run, whether a page is there or not", async () => {
    const { server, page, run } = await start();
    expect(await page.call("begin")).toMatchObject({ threads: expect.any(Number) });
    await page.call("start", settings);
    const [, ...seen] = await page.until(isResult);
    expect((seen.at(-1) as Update & { type: "result" }).result.weightsSha256).toBe(undisturbed);
    // A page that comes later is told the same.
    const later = await page.until(isActivity("trained"));
    expect(later.filter(({ type }) => type === "validation")).toHaveLength(4);
    expect(later.filter(({ type }) => type === "started")).toHaveLength(1);
    expect(later.findLast(({ type }) => type === "progress")).toMatchObject({ step: 30 });

    const saved = await readRun(run);
    expect(saved.result?.weightsSha256).toBe(undisturbed);
    expect(saved.config.data.source).toBe(data);
    await expect.poll(() => isLocked(run)).toBe(false);
    const { machine } = await machineOf(server, ([run]) => run?.status === "finished");
    expect(machine.runs).toMatchObject([{ path: run, status: "finished", recipe: "lenet", step: 30, steps: 30 }]);
    const report = await server.app.request(`/${machine.runs[0]!.report}`, { headers: { Host: "localhost" } });
    expect(await report.text()).toBe(`the report of ${run}`);
  });

  it("saves a training when it is stopped, and another server goes on with it to the same weights", async () => {
    const { server, page, runs, run } = await start();
    await page.call("step", settings);
    await page.until(isActivity("paused"));
    await expect(start({ folder: runs })).rejects.toThrow(
      /is keeping its data in .*; wait until it finishes, or use another/,
    );
    expect(server.isTraining).toBe(true);
    await server.close();
    expect(await isLocked(run)).toBe(false);
    expect((await readRun(run)).result).toBeUndefined();

    const { page: next } = await start({ folder: runs, first: run });
    await next.until(isActivity("paused"));
    await next.call("resume");
    expect((await next.until(isResult)).at(-1)).toMatchObject({ result: { weightsSha256: undisturbed } });
    expect((await readRun(run)).result?.weightsSha256).toBe(undisturbed);
    expect(readdirSync(runs).filter((name) => name !== ".studio")).toEqual(["lenet-bars-1"]);
  });

  it("shows a run while another process trains it, and does not train it at the same time", async () => {
    const { page, runs } = await start();
    const path = join(runs, "elsewhere");
    const other = await createRun(path, { source: data, recipe: "lenet" });
    const dataset = await openDataset(data);
    const events = train(recipe("lenet"), dataset, { ...settings.overrides, backend: "wasm", checkpointEvery: 0 });
    const recordUntil = async (isEnough: (type: string) => boolean) => {
      for await (const event of events) {
        await other.record(event);
        if (isEnough(event.type)) return;
      }
    };
    await recordUntil((type) => type === "validation");
    await page.call("openPath", path);
    const seen = await page.until(isActivity("followed"));
    expect(seen.find(({ type }) => type === "started")).toMatchObject({ steps: 30, settings: { recipe: "lenet" } });
    await expect(page.call("resume")).rejects.toThrow(/is using the run folder/);
    await page.call("openPath", path);
    await recordUntil(() => false);
    await other.close();
    const end = await page.until(isResult);
    expect(end.at(-1)).toMatchObject({ result: { weightsSha256: undisturbed } });
    const shown = end.slice(end.findLastIndex(({ type }) => type === "started"));
    expect(shown.filter(({ type }) => type === "validation")).toHaveLength(4);
  });

  it("pauses when the folder of its run vanishes, and goes on in another one, with all that it knows", async () => {
    const { page, runs, run } = await start();
    await page.call("step", settings);
    await page.until(isProgress); // the step has been recorded
    rmSync(run, { recursive: true });
    const problem = page.until(isProblem);
    await page.call("resume");
    expect((await problem).at(-1)).toMatchObject({ message: expect.stringContaining("cannot be written") });
    await page.until(isActivity("paused"));
    await page.call("resume");
    await page.until(isResult);
    const [again] = readdirSync(runs).filter((name) => name !== ".studio");
    expect((await readRun(join(runs, again!))).result?.weightsSha256).toBe(undisturbed);
  });

  it("keeps what was dropped on its page with the run, whose terminal finds it", async () => {
    const [file] = await encodeDataset(await openDataset(data), "dropped.zip");
    const { page, runs } = await start();
    await page.call("openFiles", new Map([["dropped.zip", new Blob([new Uint8Array(file!.bytes)])]]));
    await page.call("step", settings);
    await page.until(isActivity("paused"));
    await page.call("pause");
    const path = join(runs, "lenet-dropped-zip-1");
    const { config } = await readRun(path);
    expect(config.data.source).toBe(join(path, "data.inkling"));
    expect((await openDataset(config.data.source)).labels).toHaveLength(120);
  });

  it("opens what was named and the runs of its folder, and nothing else", async () => {
    const { page, runs } = await start();
    const outside = join(folder, "outside");
    mkdirSync(outside, { recursive: true });
    writeFileSync(join(outside, "run.json"), "{}");
    mkdirSync(join(runs, "own"), { recursive: true });
    symlinkSync(outside, join(runs, "link"));
    for (const path of [
      outside,
      join(runs, "link"),
      join(runs, "own", "..", "..", "outside"),
      join(runs, ".."),
      runs,
      "/etc/passwd",
      "letters",
      "https://example.org/data.zip",
      "nothing\0",
      "",
    ])
      await expect(page.call("openPath", path), path).rejects.toThrow(/is neither a run in .* nor was it named/);
    await expect(page.call("openPath", join(runs, "own"))).rejects.toThrow(); // a folder without a run
    await page.call("openPath", data);
  });
});
