import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { below, finish, Inkling } from "./inkling.ts";

let inkling: Inkling;
let images = "";
beforeAll(async () => {
  inkling = new Inkling();
  await inkling.writeBars("bars", 60);
  images = join(inkling.data, "bars");
});
afterAll(() => inkling?.remove());

const training = (out: string) =>
  ["train", images, "--recipe", "lenet", "--steps", "20", "--validate-every", "1", "--out", out] as const;
const runOf = (out: string) => JSON.parse(readFileSync(join(inkling.cwd, out, "run.json"), "utf8"));

describe("a reader that leaves early", () => {
  it.each(["stdout", "both"])("of %s: the training ends as usual, is saved, and leaves no lock", async (which) => {
    const child = inkling.start(training(which));
    const finished = finish(child);
    child.stdout!.destroy();
    if (which === "both") child.stderr!.destroy();
    const { code, stderr } = await finished;
    expect(code).toBe(0);
    expect(runOf(which).result.steps).toBe(20);
    expect(below(join(inkling.cwd, which))).not.toContain("lock");
    if (which === "stdout") expect(stderr).toContain(`continues and is saved in ${which}`);
  });
});

describe.skipIf(!existsSync("/dev/full"))("a full disk behind stdout", () => {
  it.each([[["model", "lenet"]], [["--help"]], [["train", "--help"]]])("%j says so, and exits with 1", async (args) => {
    const full = openSync("/dev/full", "w");
    const { code, stderr } = await finish(inkling.start(args, {}, full));
    closeSync(full);
    expect([code, stderr]).toEqual([1, "inkling: standard output cannot be written: the disk is full\n"]);
  });

  it("leaves a training saved", async () => {
    const full = openSync("/dev/full", "w");
    const { code, stderr } = await finish(inkling.start(training("full"), {}, full));
    closeSync(full);
    expect(code).toBe(1);
    expect(stderr.match(/the disk is full/g)).toHaveLength(1);
    expect(runOf("full").result.steps).toBe(20);
    expect(below(join(inkling.cwd, "full"))).not.toContain("lock");
  });
});
