import { execFileSync, spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, truncate, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  InklingError,
  learnPreparation,
  network,
  type TrainEvent,
  type TrainOptions,
  train,
  withWinograd,
} from "../../src/index.ts";
import { conv2d, dense, flatten, relu } from "../../src/layers/index.ts";
import { createRun, listRuns, openRun, readMetrics, readRun, resumeRun } from "../../src/node.ts";
import { sgd } from "../../src/optimizers/index.ts";
import { decodeCheckpoint, encodeCheckpoint } from "../../src/runs/checkpointFile.ts";
import { newestCheckpoint } from "../../src/runs/node/checkpoints.ts";
import { mutations } from "../hostile/mutations.ts";
import { bars } from "../training/data.ts";

/** Mutated files of each kind; `npm run fuzz` tries more. */
const MUTATIONS = mutations(300);
const PATIENCE = { timeout: 120_000 + 5 * MUTATIONS };

const model = network({ input: [8, 8, 1], classes: [..."ABCD"] }, [flatten(), dense(6), relu(), dense(4)]);
const data = bars(100);
const source = { source: "bars" };
const options = {
  batchSize: 8,
  steps: 30,
  validateEvery: 10,
  checkpointEvery: 0,
  optimizer: sgd(0.1),
} satisfies TrainOptions;

let folder: string;
let undisturbed: Awaited<ReturnType<typeof contents>>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "inkling-runs-"));
  undisturbed = await contents(await trainInto("undisturbed"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Trains into a new folder; with `until`, the process seems to die at the first event that it is true of. */
async function trainInto(name: string, until?: (event: TrainEvent) => boolean, of = model): Promise<string> {
  const path = join(folder, name);
  const run = await createRun(path, source);
  for await (const event of train(of, data, options)) {
    await run.record(event);
    if (until?.(event)) break;
  }
  await run.close();
  return path;
}
const past = (step: number) => (event: TrainEvent) => event.type === "checkpoint" && event.checkpoint.step >= step;

/** Goes on to the end, with the model that the folder holds. */
async function goOn(path: string, more: TrainOptions = {}, on = data) {
  const run = await resumeRun(path);
  try {
    const resume = run.checkpoint && { resume: run.checkpoint };
    const of = run.run!.config.model;
    for await (const event of train(of, on, { ...options, ...resume, ...more })) await run.record(event);
  } finally {
    await run.close();
  }
  return run;
}
const contents = async (path: string) => ({
  metrics: await readFile(join(path, "metrics.jsonl"), "utf8"),
  model: await readFile(join(path, "model.safetensors")),
  sha: (await readRun(path)).result!.weightsSha256,
});
const checkpointsIn = async (path: string) =>
  (await readdir(path))
    .filter((name) => name.startsWith("checkpoint-"))
    .sort((a, b) => a.localeCompare(b, "en", { numeric: true }));

describe("a run folder", () => {
  it("says all that it takes to make the run again", async () => {
    const { config, sessions, result } = await readRun(await trainInto("whole"));
    expect(config).toMatchObject({
      batchSize: 8,
      steps: 30,
      seed: 1,
      split: {},
      validateEvery: 10,
      backend: "wasm",
      model,
    });
    expect(config.optimizer).toEqual(options.optimizer);
    expect(sessions).toMatchObject([{ step: 0, inkling: "0.1.0", node: process.version, threads: 1 }]);
    expect(sessions[0]!.cpu).not.toBe("");
    expect(result!.steps).toBe(30);
  });

  it("holds how pictures are prepared, as the training images look, at a checkpoint and at the end", async () => {
    const squares = {
      ...data,
      images: data.images.map((_, i) => (i % 8 > 1 && (i >> 3) % 8 > 1 ? 255 - ((i >> 6) % 20) : 0)),
    };
    const path = join(folder, "prepared");
    const run = await createRun(path, source);
    for await (const event of train(model, squares, options)) {
      await run.record(event);
      if (event.type === "checkpoint")
        expect((await openRun(path)).trained.preparation).toEqual(learnPreparation(squares));
    }
    await run.close();
    const { preparation } = (await openRun(path)).trained;
    expect(preparation).toEqual(learnPreparation(squares));
    expect(preparation.background).toBe("dark");
  });

  it("ends with the same bytes after a stop, also with Winograd's algorithm", async () => {
    const layers = [conv2d(8, 3, { padding: "same" }), conv2d(8, 3, { padding: "same" }), flatten(), dense(4)];
    const winograd = withWinograd(network({ input: [8, 8, 1], classes: [..."ABCD"] }, layers));
    expect(JSON.stringify(winograd)).toContain('"algorithm":"winograd"');
    const whole = await trainInto("winograd", undefined, winograd);
    const stopped = await trainInto("winograd-stopped", past(12), winograd);
    await goOn(stopped);
    expect(await contents(stopped)).toEqual(await contents(whole));
  });

  it("keeps the last two checkpoints", async () => {
    const path = await trainInto("two");
    const names = await checkpointsIn(path);
    expect(names).toHaveLength(2);
    expect(names[1]).toBe("checkpoint-30.safetensors");
  });

  it("is gone on with to the same files as undisturbed", async () => {
    for (const step of [1, 9, 20]) {
      const path = await trainInto(`stopped-${step}`, past(step));
      expect((await openRun(path)).step).toBeGreaterThanOrEqual(step);
      await goOn(path);
      expect(await contents(path)).toEqual(undisturbed);
      expect((await readRun(path)).sessions).toHaveLength(2);
    }
  });

  it("begins anew where it stopped before its first checkpoint", async () => {
    const path = await trainInto("early", (event) => event.type === "start");
    await expect(openRun(path)).rejects.toMatchObject({
      code: "NOT_FOUND",
      message: expect.stringContaining("--resume"),
    });
    await goOn(path);
    expect(await contents(path)).toEqual(undisturbed);
  });

  it("is removed where nothing was recorded", async () => {
    const path = join(folder, "nothing");
    await (await createRun(path, source)).close();
    await expect(readdir(path)).rejects.toThrow();
  });

  it("goes on where an old checkpoint cannot be deleted, and says so", async () => {
    const path = await trainInto("undeletable", past(9));
    const [oldest] = await checkpointsIn(path);
    await rm(join(path, oldest!));
    await mkdir(join(path, oldest!));
    const { remarks } = await goOn(path);
    expect(remarks).toEqual([
      expect.stringMatching(/checkpoint-\d+\.safetensors cannot be removed: it is a folder.*; the training goes on$/),
    ]);
    expect(await contents(path)).toEqual(undisturbed);
  });

  it("is not touched by a training of something else", async () => {
    const path = await trainInto("touched", past(9));
    const before = await readFile(join(path, "run.json"), "utf8");
    await expect(goOn(path, {}, bars(100, { stream: 1 }))).rejects.toMatchObject({ code: "INVALID_DATA" });
    const run = await resumeRun(path);
    const [start] = [
      await train(model, data, { ...options, seed: 9 })
        [Symbol.asyncIterator]()
        .next(),
    ];
    await expect(run.record(start.value as TrainEvent)).rejects.toMatchObject({
      code: "INVALID_DATA",
      message: expect.stringContaining("the run belongs to a different training: seed was 1, but is now 9"),
    });
    await run.close();
    expect(await readFile(join(path, "run.json"), "utf8")).toBe(before);
  });
});

describe("a damaged checkpoint", () => {
  it("gives way to the one before, and the run says so and ends the same", async () => {
    const path = await trainInto("truncated", past(20));
    const names = await checkpointsIn(path);
    await truncate(join(path, names.at(-1)!), 700);
    const run = await goOn(path);
    expect(run.damaged).toHaveLength(1);
    expect(run.damaged[0]).toMatch(new RegExp(`${names.at(-1)}: .*damaged`));
    expect(await contents(path)).toEqual(undisturbed);
    expect((await newestCheckpoint(path)).damaged).toEqual([]);
  });

  it("without one before is said, with what to do", async () => {
    const path = await trainInto("all-truncated", past(20));
    for (const name of await checkpointsIn(path)) await truncate(join(path, name), 100);
    await expect(resumeRun(path)).rejects.toMatchObject({
      code: "INVALID_DATA",
      message: expect.stringMatching(
        /all checkpoints are damaged .*remove the checkpoint files to train from the first step/,
      ),
    });
    for (const name of await checkpointsIn(path)) await rm(join(path, name));
    await goOn(path);
    expect(await contents(path)).toEqual(undisturbed);
  });

  it("of another model is refused", async () => {
    const path = await trainInto("of-another", past(9));
    const other = network({ input: [8, 8, 1], classes: [..."ABCD"] }, [flatten(), dense(4)]);
    for await (const event of train(other, data, options))
      if (event.type === "checkpoint")
        await writeFile(join(path, "checkpoint-30.safetensors"), await encodeCheckpoint(event.checkpoint));
    await expect(goOn(path)).rejects.toMatchObject({
      code: "INVALID_DATA",
      message: expect.stringContaining("model.layers.1"),
    });
  });

  it("is found out whatever was changed, and never gives another error than ours", PATIENCE, async () => {
    const path = await trainInto("mutated", past(9));
    const whole = await readFile(join(path, (await checkpointsIn(path)).at(-1)!));
    await mustRefuse(whole, (bytes) => decodeCheckpoint(bytes));
  });
});

type Mutation = { readonly at: number; readonly byte: number; readonly end: number };
const changes = (length: number) =>
  fc.record({ at: fc.nat(length - 1), byte: fc.nat(255), end: fc.oneof(fc.constant(length), fc.nat(length)) });
const mutate = (whole: Uint8Array, { at, byte, end }: Mutation): Uint8Array => {
  const bytes = Uint8Array.from(whole).subarray(0, end);
  if (at < end) bytes[at] = byte;
  return bytes;
};

/** Every mutated file is refused with an error of ours. */
async function mustRefuse(whole: Uint8Array, readBytes: (bytes: Uint8Array) => Promise<unknown>): Promise<void> {
  await fc.assert(
    fc.asyncProperty(changes(whole.length), async (mutation) => {
      const bytes = mutate(whole, mutation);
      if (Buffer.compare(bytes, whole) === 0) return;
      await expect(readBytes(bytes)).rejects.toBeInstanceOf(InklingError);
    }),
    { numRuns: MUTATIONS, seed: 1 },
  );
}

describe("damaged metrics and records", () => {
  it("lose a half-written last line", async () => {
    const path = await trainInto("half", past(20));
    const before = await readMetrics(path);
    await writeFile(join(path, "metrics.jsonl"), '{"formatVersion":1,"type":"vali', { flag: "a" });
    expect(await readMetrics(path)).toEqual(before);
    await goOn(path);
    expect(await contents(path)).toEqual(undisturbed);
  });

  it("name a line that is none, and of another version", async () => {
    const path = await trainInto("lines", past(20));
    const file = join(path, "metrics.jsonl");
    const text = await readFile(file, "utf8");
    await writeFile(file, `${text}{no\n`);
    await expect(readMetrics(path)).rejects.toMatchObject({
      code: "INVALID_DATA",
      message: expect.stringMatching(/metrics\.jsonl line \d is not valid JSON; remove the line/),
    });
    await writeFile(file, text.replace('"formatVersion":1', '"formatVersion":2'));
    await expect(readMetrics(path)).rejects.toMatchObject({
      code: "UNKNOWN_FORMAT",
      message: expect.stringContaining("update Inkling"),
    });
  });

  it.each(["run.json", "metrics.jsonl"])("in %s give an error of ours, or other values", PATIENCE, async (name) => {
    const path = await trainInto(`mutated-${name}`);
    const file = join(path, name);
    const whole = await readFile(file);
    await fc.assert(
      fc.asyncProperty(changes(whole.length), async (mutation) => {
        await writeFile(file, mutate(whole, mutation));
        const read = name === "run.json" ? readRun(path) : readMetrics(path);
        await read.catch((error) => expect(error).toBeInstanceOf(InklingError));
      }),
      { numRuns: MUTATIONS, seed: 2 },
    );
  });

  it("in model.safetensors are found out, and the run makes it again", async () => {
    const path = await trainInto("bits");
    const file = join(path, "model.safetensors");
    const bytes = await readFile(file);
    bytes[bytes.length - 1]! ^= 1;
    await writeFile(file, bytes);
    await expect(openRun(path)).rejects.toMatchObject({
      code: "INVALID_DATA",
      message: expect.stringContaining("--resume"),
    });
    await goOn(path);
    expect((await openRun(path)).step).toBe(30);
  });
});

describe("a folder that is in use", () => {
  const lock = (path: string, owner: object) =>
    writeFile(join(path, "lock"), `${JSON.stringify({ formatVersion: 1, host: hostname(), id: "x", ...owner })}\n`);

  it("is refused to a second run, until the first gives it free", async () => {
    const path = join(folder, "shared");
    const first = await createRun(path, source);
    const refused = {
      code: "FILE_SYSTEM",
      message: expect.stringMatching(/process \d+ is using the run folder .*shared; wait/),
    };
    await expect(createRun(path, source)).rejects.toMatchObject(refused);
    for await (const event of train(model, data, options)) await first.record(event);
    await expect(resumeRun(path)).rejects.toMatchObject(refused);
    await first.close();
    await (await resumeRun(path)).close();
    expect(await readdir(path)).not.toContain("lock");
  });

  it("is taken over from a process that no longer exists, or whose number another process has", async () => {
    const path = await trainInto("stale", past(9));
    const gone = spawnSync(process.execPath, ["-e", ""]).pid;
    for (const owner of [
      { pid: gone, processStart: "1" },
      { pid: process.pid, processStart: "1" },
    ]) {
      await lock(path, owner);
      expect((await listRuns(path))[0]!.status).toBe("stopped");
      await (await resumeRun(path)).close();
    }
    await writeFile(join(path, "lock"), "");
    await (await resumeRun(path)).close();
  });

  it("is left to a process of another machine, or of an unknown start, with the command that frees it", async () => {
    const path = await trainInto("elsewhere", past(9));
    await lock(path, { pid: 1, processStart: "1", host: "elsewhere" });
    await expect(resumeRun(path)).rejects.toMatchObject({
      message: expect.stringMatching(/of elsewhere .*free it with: rm .*lock/),
    });
    // That it runs proves nothing without its start.
    await writeFile(join(path, "lock"), JSON.stringify({ pid: process.pid }));
    await expect(resumeRun(path)).rejects.toMatchObject({
      message: expect.stringMatching(
        /process \d+ is using .*if that process is not one of Inkling's, free it with: rm .*lock/,
      ),
    });
  });

  it.each(["removed", "replaced", "taken"])("is not written to once it was %s", async (how) => {
    const path = join(folder, how);
    const run = await createRun(path, source);
    const events = train(model, data, options)[Symbol.asyncIterator]();
    await run.record((await events.next()).value!);
    if (how === "taken") await lock(path, { pid: process.pid });
    else await rename(path, `${path}-moved`);
    if (how === "replaced") await mkdir(path);
    const files = await readdir(path).catch(() => []);
    await expect(run.record((await events.next()).value!)).rejects.toMatchObject({
      code: "FILE_SYSTEM",
      message: expect.stringMatching(
        how === "taken"
          ? /process \d+ is using .* its lock was removed;/
          : /cannot be written: it was removed, moved or/,
      ),
    });
    await run.close();
    await events.return?.(undefined);
    expect(await readdir(path).catch(() => [])).toEqual(files);
  });

  it("is taken over by one of many at once", async () => {
    const path = await trainInto("race", past(9));
    await lock(path, { pid: spawnSync(process.execPath, ["-e", ""]).pid, processStart: "1" });
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => resumeRun(path)));
    const won = outcomes.filter((outcome) => outcome.status === "fulfilled");
    expect(won).toHaveLength(1);
    await won[0]!.value.close();
  });
});

describe("a disk", () => {
  it("that cannot be written is said at once", async () => {
    await writeFile(join(folder, "file"), "");
    await expect(listRuns(join(folder, "file"))).rejects.toMatchObject({
      code: "FILE_SYSTEM",
      message: expect.stringMatching(/file cannot be read: it is not a folder; specify one$/),
    });
    await expect(createRun(join(folder, "file", "run"), source)).rejects.toMatchObject({
      code: "FILE_SYSTEM",
      message: expect.stringMatching(/file cannot be created as a folder: a file has its name; choose another/),
    });
  });

  const disk = () => join(folder, "disk");
  const mounted = (size: string): boolean => {
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", disk()], { stdio: "ignore" });
      return true;
    } catch {
      return false;
    }
  };

  it("that is full stops the run with what to do, and the run goes on to the same files", async (context) => {
    await mkdir(disk());
    if (!mounted("64k")) return context.skip("a small tmpfs cannot be mounted here");
    try {
      const path = join(disk(), "run");
      const run = await createRun(path, source);
      let saved = 0;
      const fill = join(disk(), "fill");
      const training = async () => {
        for await (const event of train(model, data, options)) {
          await run.record(event);
          if (event.type === "checkpoint") saved = event.checkpoint.step;
          if (event.type === "checkpoint" && event.checkpoint.step >= 9)
            await writeFile(fill, Buffer.alloc(2 ** 20)).catch(() => {});
        }
      };
      await expect(training()).rejects.toMatchObject({
        code: "FILE_SYSTEM",
        message: expect.stringMatching(
          /the disk is full; the run is saved up to step \d+: fix that, then resume with: inkling train --resume/,
        ),
      });
      await run.close();
      expect((await openRun(path)).step).toBe(saved);
      await rm(fill);
      await goOn(path);
      expect(await contents(path)).toEqual(undisturbed);
    } finally {
      execFileSync("umount", [disk()]);
    }
  });
});
