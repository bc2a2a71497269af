import { readFileSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readMetrics, readRun } from "../../src/node.ts";
import { newestCheckpoint } from "../../src/runs/node/checkpoints.ts";
import { type CommandLine, commandLine } from "./cli.ts";

/**
 * A run killed with -9 at random moments, from the start of the process to its end, and resumed each time. A
 * few kills by default; `INKLING_KILLS=200 npx vitest run test/runs/kill.test.ts` for more (some 2 minutes).
 * The moments differ each time: INKLING_SEED is printed and gives them again, as far as a machine's pace allows.
 */
const KILLS = Number(process.env["INKLING_KILLS"] ?? 8);
const SEED = Number(process.env["INKLING_SEED"] ?? Date.now() % 2 ** 31);
/** Some 0.2 s of training with a checkpoint after each call. */
const STEPS_A_KILL = 1200;
/** Longer than a process takes to start and to train for a while. */
const MOST_MILLISECONDS = 900;

let cli: CommandLine;
beforeAll(async () => {
  cli = await commandLine();
});
afterAll(() => cli.remove());

let state = SEED;
/** Numbers from 0 to 1 by a linear congruential generator. */
const random = (): number => (state = (state * 1103515245 + 12345) % 2 ** 31) / 2 ** 31;

const settings = (out: string) => [
  ...["train", "bars.inkling", "--recipe", "small.mjs", "--steps", String(KILLS * STEPS_A_KILL)],
  ...["--validate-every", "300", "--checkpoint-every", "0", "--out", out],
];
const isRun = (path: string): Promise<boolean> =>
  readdir(path).then(
    (names) => names.includes("run.json"),
    () => false,
  );

/** Every file of a folder must be usable at once, whatever moment it was left at. */
async function mustLoad(path: string): Promise<void> {
  if (!(await isRun(path))) return; // killed before the run began: the same command begins it
  await readRun(path);
  await readMetrics(path);
  expect((await newestCheckpoint(path)).damaged).toEqual([]);
}

/** Trains, or goes on, until the end or until the moment comes. Gives whether it came to its end. */
async function trainUntil(out: string, milliseconds: number): Promise<boolean> {
  const path = join(cli.folder, out);
  const args = (await isRun(path)) ? ["train", "--resume", out, "--checkpoint-every", "0"] : settings(out);
  const { code, stderr } = await cli.inkling(args, (child) => {
    if (Number.isFinite(milliseconds)) setTimeout(() => child.kill("SIGKILL"), milliseconds);
  });
  // A process that a signal ends has no exit code.
  if (code !== null) expect(code, stderr).toBe(0);
  return code !== null;
}

describe(`a run killed at ${KILLS} random moments (INKLING_SEED=${SEED})`, () => {
  it(
    "comes to the weights, the models and the metrics of an undisturbed run, and loads at every moment",
    async () => {
      await trainUntil("undisturbed", Number.POSITIVE_INFINITY);
      const files = (name: string) => {
        const file = (part: string) => readFileSync(join(cli.folder, name, part), "utf8");
        const { weightsSha256, test } = JSON.parse(file("run.json")).result;
        return {
          weightsSha256,
          test,
          model: file("model.safetensors"),
          best: file("best.safetensors"),
          metrics: file("metrics.jsonl"),
        };
      };
      const expected = files("undisturbed");
      let [kills, ends] = [0, 0];
      for (let over = false; !over; ) {
        const ended = await trainUntil(
          "killed",
          kills < KILLS ? MOST_MILLISECONDS * random() : Number.POSITIVE_INFINITY,
        );
        await mustLoad(join(cli.folder, "killed"));
        if (!ended) kills++;
        else {
          ends++;
          expect(files("killed")).toEqual(expected);
          over = kills >= KILLS;
          await rm(join(cli.folder, "killed"), { recursive: true });
        }
      }
      console.log(`${kills} kills, ${ends} ${ends === 1 ? "run" : "runs"} to the end, all identical`);
    },
    60_000 + 5000 * KILLS,
  );
});
