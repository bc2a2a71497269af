import { readFileSync } from "node:fs";
import { copyFile, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CommandLine, commandLine } from "./cli.ts";

let cli: CommandLine;
beforeAll(async () => {
  cli = await commandLine();
});
afterAll(() => cli.remove());

const training = ["train", "bars.inkling", "--recipe", "small.mjs", "--validate-every", "100", "--json"];
/** Longer than any test waits. */
const LONG = ["--steps", "10000000"];
const at = (...names: string[]) => join(cli.folder, ...names);

async function ok(args: readonly string[]) {
  const { stdout, stderr, code } = await cli.inkling(args);
  expect(code, stderr).toBe(0);
  return { json: args.includes("--json") ? JSON.parse(stdout) : undefined, stdout, stderr };
}

/**
 * Seconds of processor time that a process has taken, without its children or with those that have ended; the clock
 * where the system does not tell.
 */
function processorSeconds(pid: number | "self", times: "own" | "of ended children"): number {
  if (process.platform !== "linux") return performance.now() / 1000;
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [user, system] = times === "own" ? [11, 12] : [13, 14];
  return (Number(fields[user]) + Number(fields[system])) / 100;
}

/**
 * Starts a training and stops it as Ctrl-C does, once it has validated. Gives how it ended, and after how many seconds
 * of processor time, which do not depend on what else the machine does, and by the clock.
 */
async function interrupt(args: readonly string[]) {
  const before = processorSeconds("self", "of ended children");
  let pressed: number | undefined;
  let pressedAt = 0;
  const ended = await cli.inkling(args, (child) => {
    child.stderr!.on("data", (chunk) => {
      if (pressed !== undefined || !String(chunk).includes("val acc")) return;
      pressed = processorSeconds(child.pid!, "own");
      pressedAt = performance.now();
      child.kill("SIGINT");
    });
  });
  const after = processorSeconds("self", "of ended children");
  const seconds = process.platform === "linux" ? after - before - pressed! : after - pressed!;
  return { ...ended, seconds, elapsed: (performance.now() - pressedAt) / 1000 };
}

describe("inkling train, stopped by Ctrl-C", () => {
  it("saves, ends within a second, says how to go on, and the run then ends as if undisturbed", async () => {
    const stopped = await interrupt([...training, ...LONG, "--out", "stopped"]);
    expect(stopped.code).toBe(130);
    expect(stopped.seconds).toBeLessThan(1);
    expect(stopped.elapsed).toBeLessThan(20);
    expect(stopped.stderr).toMatch(
      /training was stopped after \d+ of 10000000 steps and saved; resume with: inkling train --resume stopped\n$/,
    );
    expect(stopped.stdout).toBe("");
    expect(await readdir(at("stopped"))).not.toContain("lock");
    const step = Number(/stopped after (\d+)/.exec(stopped.stderr)![1]);
    const { json, stderr } = await ok(["train", "--resume", "stopped", "--steps", String(step + 50), "--json"]);
    expect(stderr).toContain(`Resuming from the checkpoint of step ${step.toLocaleString("en-US")}`);
    const { json: undisturbed } = await ok([...training, "--steps", String(step + 50), "--out", "undisturbed"]);
    expect(json.weightsSha256).toBe(undisturbed.weightsSha256);
    expect(await readFile(at("stopped", "metrics.jsonl"), "utf8")).toBe(
      await readFile(at("undisturbed", "metrics.jsonl"), "utf8"),
    );
  });

  it("goes on with another number of threads to the same weights", async () => {
    const { json: one } = await ok([...training, "--steps", "60", "--threads", "1", "--out", "one"]);
    await ok([...training, "--steps", "25", "--threads", "1", "--out", "more"]);
    const { json: more } = await ok(["train", "--resume", "more", "--extend", "35", "--threads", "2", "--json"]);
    expect([one.threads, more.threads]).toEqual([1, 2]);
    expect(more).toMatchObject({ steps: 60, weightsSha256: one.weightsSha256 });
  });

  it("has no validation accuracy without images to validate", async () => {
    const recipe = await readFile(at("small.mjs"), "utf8");
    await writeFile(at("plain.mjs"), recipe.replace(/adam\(reduceOnPlateau\(.*?\}\)/, "adam(rate"));
    const plain = ["train", "bars.inkling", "--recipe", "plain.mjs", "--steps", "5", "--json"];
    const { json, stderr } = await ok([...plain, "--validation-size", "0", "--out", "unvalidated"]);
    expect(json.validationAccuracy).toBeNull();
    expect(stderr).toContain("train acc");
    expect(stderr).not.toContain("val acc");
  });

  it("scores the model of its last checkpoint before it is gone on with", async () => {
    await interrupt([...training, ...LONG, "--out", "half"]);
    expect((await ok(["evaluate", "half", "--json"])).json.testImages).toBe(20);
  });
});

describe("a finished run", () => {
  beforeAll(() => ok([...training, "--steps", "60", "--out", "finished"]));

  it("is not trained again by --resume, which gives its result", async () => {
    const { json, stderr } = await ok(["train", "--resume", "finished", "--json"]);
    expect(stderr).toContain("finished has completed all its 60 steps; continue with --extend N");
    expect(json).toMatchObject({ formatVersion: 1, steps: 60, run: "finished" });
  });

  it("has more steps by --extend, as if it had been trained with them at first", async () => {
    await ok([...training, "--steps", "60", "--out", "extended"]);
    const { json } = await ok(["train", "--resume", "extended", "--extend", "60", "--json"]);
    const { json: longer } = await ok([...training, "--steps", "120", "--out", "longer"]);
    expect(json.steps).toBe(120);
    expect(json.weightsSha256).toBe(longer.weightsSha256);
  });

  it("is replayed to the same bits; where a bit of the model differs, the exit code is 1", async () => {
    const { stdout } = await ok(["replay", "finished"]);
    expect(stdout).toBe("The weights after 60 steps are identical, bit for bit\n");
    const { json } = await ok(["replay", "finished", "--json"]);
    expect(json).toMatchObject({ formatVersion: 1, same: true, steps: 60, run: "finished" });
    expect(json.replayedSha256).toBe(json.weightsSha256);
    await ok([...training, "--steps", "60", "--batch-size", "13", "--out", "changed"]);
    const run = JSON.parse(await readFile(at("changed", "run.json"), "utf8"));
    await writeFile(at("changed", "run.json"), JSON.stringify({ ...run, seed: 2 }));
    const { code, stdout: other, stderr } = await cli.inkling(["replay", "changed"]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/Earlier versions added up the gradients of a batch of 13 in another order/);
    expect(other).toMatch(/^The weights after 60 steps differ: first in conv2d_1\.kernel, element 0: /);
  });

  it("is found where its data have moved, if they are named", async () => {
    await copyFile(at("bars.inkling"), at("moved.inkling"));
    await ok([
      ...training.map((arg) => (arg === "bars.inkling" ? "moved.inkling" : arg)),
      "--steps",
      "20",
      "--out",
      "lost",
    ]);
    await rm(at("moved.inkling"));
    await ok(["train", "bars.inkling", "--resume", "lost", "--extend", "20"]);
    expect((await ok(["replay", "lost", "bars.inkling", "--json"])).json.same).toBe(true);
  });
});

describe("inkling runs", () => {
  it("lists how far runs are, how well they do, and what differs", async () => {
    for (const seed of ["1", "2"])
      await ok([...training, "--steps", "20", "--seed", seed, "--out", `list/seed-${seed}`]);
    await interrupt([...training, ...LONG, "--out", "list/stopped"]);
    await ok([...training, "--steps", "20", "--out", "list/broken"]);
    await truncate(at("list/broken/run.json"), 50);
    await ok([...training, "--steps", "20", "--out", "list/extended"]);
    const record = await readFile(at("list/extended/run.json"), "utf8");
    await writeFile(at("list/extended/run.json"), record.replace('"type": "relu"', '"type": "strangeRelu"'));
    const { json } = await ok(["runs", "list", "--json"]);
    expect(json.formatVersion).toBe(1);
    expect(json.runs).toMatchObject([
      { run: "list/broken", status: "damaged", problem: expect.stringContaining("is not a JSON object") },
      {
        run: "list/extended",
        status: "needs an extension",
        problem: expect.stringMatching(/^unknown layer "strangeRelu"; .*--load PACKAGE/),
      },
      { run: "list/seed-1", status: "finished", step: 20, testImages: 20, settings: { seed: 1, steps: 20 } },
      { run: "list/seed-2", status: "finished", settings: { seed: 2, steps: 20 } },
      { run: "list/stopped", status: "stopped", settings: { seed: 1, steps: 10_000_000 } },
    ]);
    const { stdout } = await ok(["runs", "list"]);
    expect(stdout).toMatch(/^run +recipe +params .* val +test +time\n/);
    expect(stdout).toMatch(/^seed-1 .* 20 +[\d.]+ % +[\d.]+ % +[\d.]+ s$/m);
    expect(stdout).toMatch(/^stopped .* [\d,]+\/10,000,000 +– +stopped +–$/m);
    expect(stdout).toMatch(/^broken: damaged: /m);
    const { stdout: diff } = await ok(["runs", "list", "--diff", "seed-1", "seed-2"]);
    expect(diff).toMatch(/^--seed +1 +2$/m);
  });

  it("says where there are none", async () => {
    const { code, stderr } = await cli.inkling(["runs", "nowhere"]);
    expect([code, stderr]).toEqual([1, "inkling: nowhere does not exist; specify a folder that contains runs\n"]);
  });
});

describe("inkling train", () => {
  it("leaves no folder where it could not begin", async () => {
    for (const args of [
      ["--steps", "0"],
      ["--test", "nothing.inkling"],
      ["--backend", "abacus"],
    ])
      expect((await cli.inkling([...training, ...args, "--out", "never"])).code).not.toBe(0);
    await expect(readdir(at("never"))).rejects.toThrow();
  });

  it("keeps the last good checkpoint of a training that goes wrong", async () => {
    const args = [
      ...training,
      "--learning-rate",
      "1e37",
      "--steps",
      "100",
      "--checkpoint-every",
      "0",
      "--out",
      "wrong",
    ];
    const { code, stderr } = await cli.inkling(args);
    expect(code).toBe(1);
    expect(stderr).toMatch(/training diverged at step \d+: .*try a smaller learning rate/);
    expect((await readdir(at("wrong"))).sort()).toContain("run.json");
  });
});
