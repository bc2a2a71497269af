import { execFileSync, spawn } from "node:child_process";
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

const training = (out: string, steps = 20) => [
  "train",
  images,
  "--recipe",
  "lenet",
  "--steps",
  String(steps),
  "--validate-every",
  "1",
  "--out",
  out,
];
const runOf = (out: string) => JSON.parse(readFileSync(join(inkling.cwd, out, "run.json"), "utf8"));

describe("a reader that leaves early", () => {
  it("ends a training as Ctrl-C does: it is saved, without a lock, and says how to resume", async () => {
    const child = inkling.start(training("read", 1_000_000));
    const finished = finish(child);
    child.stdout!.on("data", (text: Buffer) => /step/.test(String(text)) && child.stdout!.destroy());
    const { code, stderr } = await finished;
    expect(code).toBe(141);
    expect(stderr).toContain("The output is no longer read, so the command is stopped, as by Ctrl-C");
    expect(stderr).toMatch(/stopped after \d+ of 1000000 steps and saved; resume with: inkling train --resume read/);
    const files = below(join(inkling.cwd, "read"));
    expect(files).not.toContain("lock");
    expect(files.some((name) => name.startsWith("checkpoint-"))).toBe(true);
  });

  it("of both outputs ends it without a message or a lock", async () => {
    const child = inkling.start(training("both"));
    const finished = finish(child);
    child.stdout!.destroy();
    child.stderr!.destroy();
    expect((await finished).code).toBe(141);
    expect(existsSync(join(inkling.cwd, "both", "lock"))).toBe(false);
  });
});

describe.skipIf(process.platform === "win32")("a limit of the shell, with exit code 1 and in one line,", () => {
  const limited = (limit: string) => {
    const args = ["-c", `ulimit ${limit}; exec "$0" "$@"`, process.execPath, inkling.main, "data", "inspect", images];
    return finish(spawn("/bin/sh", args, { stdio: ["ignore", "pipe", "pipe"] }));
  };

  it("is named where no more files may be open than the command has modules", async () => {
    const { code, stderr } = await limited("-n 28");
    expect(stderr).toMatch(/^inkling: the machine reached a limit: .*too many files open; .* ulimit -n 4096 .*\n$/);
    expect(code).toBe(1);
  });

  it.skipIf(process.platform !== "linux")("is named where V8 would run out of address space", async () => {
    const status = 'fs.readFileSync("/proc/self/status", "utf8")';
    const used = execFileSync(process.execPath, ["-p", `/VmSize:\\s+(\\d+)/.exec(${status})[1]`], { encoding: "utf8" });
    const { code, stderr } = await limited(`-v ${Number(used) + 400_000}`);
    expect(stderr).toMatch(
      /^inkling: a command needs 512 MiB of address space, .* only \d+ MiB .* ulimit -v unlimited\n$/,
    );
    expect(code).toBe(1);
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
