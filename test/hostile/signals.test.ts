import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runProgram } from "../../src/backends/native/node/process.ts";
import { below, finish, Inkling } from "../cli/inkling.ts";

let inkling: Inkling;
beforeAll(async () => {
  inkling = new Inkling();
  await inkling.writeBars("bars", 60);
});
afterAll(() => inkling?.remove());

/** Starts a training that does not end by itself, and sends it signals once it trains. */
async function stopped(out: string, signals: readonly NodeJS.Signals[], isNohup = false) {
  const images = join(inkling.data, "bars");
  const args = ["train", images, "--recipe", "lenet", "--steps", "1000000", "--validate-every", "1", "--out", out];
  const input = isNohup ? openSync("/dev/null", "w") : undefined;
  const child = inkling.start(args, {}, "pipe", input);
  if (input !== undefined) closeSync(input);
  let sent = false;
  child.stdout!.on("data", (text: Buffer) => {
    if (sent || !/step|%/i.test(String(text))) return;
    sent = true;
    for (const [k, signal] of signals.entries()) setTimeout(() => child.kill(signal), 100 * k);
  });
  const { code, stderr } = await finish(child);
  const files = below(join(inkling.cwd, out));
  return { code, stderr, hasCheckpoint: files.some((name) => name.startsWith("checkpoint-")), files };
}

describe.skipIf(process.platform === "win32")("a training", () => {
  it.each([
    ["a closed terminal", ["SIGHUP"], false, 129],
    ["kill, where nohup makes it ignore a closed terminal", ["SIGHUP", "SIGTERM"], true, 143],
  ] as const)("is saved at %s", async (_, signals, isNohup, expected) => {
    const { code, stderr, hasCheckpoint, files } = await stopped(`run${expected}`, signals, isNohup);
    expect(stderr).toMatch(/training was stopped after \d+ of 1000000 steps and saved; resume with/);
    expect(code).toBe(expected);
    expect(hasCheckpoint).toBe(true);
    expect(files).not.toContain("lock");
  });
});

it.skipIf(process.platform === "win32")("a hanging compiler ends when this process is told to stop", async () => {
  const others = () => {};
  process.on("SIGINT", others); // which keeps this process from ending
  try {
    const running = runProgram(["sh", "-c", "sleep 100 & echo $!; wait"], [], 100);
    setTimeout(() => process.emit("SIGINT", "SIGINT"), 300);
    const { failure, stdout } = await running;
    expect(failure).toBe("was stopped by SIGINT");
    const stat = `/proc/${stdout.trim()}/stat`;
    const isGone = () => !existsSync(stat) || / Z /.test(readFileSync(stat, "utf8"));
    if (existsSync("/proc/self/stat")) await expect.poll(isGone).toBe(true);
    expect(process.listeners("SIGINT")).toContain(others);
  } finally {
    process.off("SIGINT", others);
  }
});
