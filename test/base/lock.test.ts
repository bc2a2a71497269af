import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { takeLock } from "../../src/base/node/lock.ts";
import { writeFilesAtomic } from "../../src/base/node/writeFile.ts";

/** Waits of different lengths before each call of the file system, so that processes meet in every order. */
vi.mock("node:fs/promises", async (original) => {
  const all = await original<Readonly<Record<string, unknown>>>();
  let calls = 0;
  const later = async () => {
    for (let turn = (++calls * 7) % 5; turn > 0; turn--) await new Promise(setImmediate);
  };
  const delayed = (call: unknown) =>
    typeof call === "function"
      ? async (...given: readonly unknown[]) => {
          await later();
          return call(...given);
        }
      : call;
  return Object.fromEntries(Object.entries(all).map(([name, call]) => [name, delayed(call)]));
});

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "inkling-lock-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const subject = { doing: "working", otherwise: "use another folder" };
/** The lock of a process that no longer exists. */
const stale = `${JSON.stringify({ pid: 2 ** 30, id: "ended" })}\n`;

it("a lock that many want has one owner at a time, and is free in the end", async () => {
  const path = join(folder, "lock");
  let [owners, most, taken] = [0, 0, 0];
  const wanting = async () => {
    for (let attempt = 0; attempt < 40; attempt++) {
      const lock = await takeLock(path, subject).catch((error: Error) => {
        if (!error.message.includes("is working; wait until it finishes")) throw error;
      });
      if (!lock) continue;
      most = Math.max(most, ++owners);
      taken++;
      await new Promise(setImmediate);
      owners--;
      // Some end without releasing it.
      if (taken % 5 === 0) writeFileSync(path, stale);
      else await lock.release();
    }
  };
  writeFileSync(path, stale);
  await Promise.all(Array.from({ length: 8 }, wanting));
  await (await takeLock(path, subject)).release();
  expect([most, readdirSync(folder)]).toEqual([1, []]);
  expect(taken).toBeGreaterThan(8);
});

it("files that belong together stay together when several write them at once", async () => {
  const written: string[] = [];
  const write = async (id: string) => {
    for (let turn = 0; turn < 8; turn++) {
      const files = ["images", "labels"].map((name) => ({ name, contents: `${id} ${turn}` }));
      await writeFilesAtomic(folder, files).then(
        () => written.push(`${id} ${turn}`),
        ({ message }: Error) => expect(message).toMatch(/images.*; wait until it finishes, or use another name/),
      );
    }
  };
  await Promise.all(["a", "b", "c"].map(write));
  const [images, labels] = readdirSync(folder).map((name) => readFileSync(join(folder, name), "utf8"));
  expect([images, readdirSync(folder)]).toEqual([labels, ["images", "labels"]]);
  expect(written).toContain(images);
});
