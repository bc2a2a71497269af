import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CodeCache } from "../../src/backends/native/node/cache.ts";
import { cacheDirectory } from "../../src/base/node/cacheDirectory.ts";
import { makeFolders, ownFolder } from "../../src/base/node/ownFolder.ts";
import { fetchDataset } from "../../src/sources/node/fetch/fetchDataset.ts";

let base: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "inkling-own-"));
});
afterEach(() => rmSync(base, { recursive: true }));

const folder = (name: string, mode = 0o755): string => {
  mkdirSync(join(base, name));
  chmodSync(join(base, name), mode);
  return join(base, name);
};
const ANOTHER = 65534;

describe.skipIf(process.platform === "win32")("a folder that no other user can change", () => {
  it("is created for this user alone", async () => {
    chmodSync(base, 0o755);
    const path = join(base, "a", "b");
    expect(await ownFolder(path)).toBe(path);
    expect(statSync(path).mode & 0o777).toBe(0o700);
  });

  it("is refused if others may write to it, or to a folder above it", async () => {
    chmodSync(base, 0o755);
    const open = folder("open", 0o777);
    const message = `other users may write to ${open}; run chmod go-w on it`;
    await expect(ownFolder(open)).rejects.toThrow(message);
    await expect(ownFolder(join(open, "mine"))).rejects.toThrow(message);
    await expect(CodeCache.open(join(open, "code"))).rejects.toThrow(message);
    await expect(fetchDataset("https://127.0.0.1:1/a", { cache: open })).rejects.toThrow(message);
    expect(() => statSync(join(open, "mine"))).toThrow("ENOENT");
  });

  it("may be in a folder with a sticky bit, or below one that lets nobody else in", async () => {
    chmodSync(base, 0o755);
    folder("shared", 0o1777);
    await ownFolder(join(base, "shared", "mine"));
    folder("home", 0o700);
    const group = folder("home/group", 0o775);
    await ownFolder(join(group, "mine"));
  });

  it("is checked where links lead to", async () => {
    chmodSync(base, 0o755);
    folder("open", 0o777);
    symlinkSync(join(base, "open"), join(base, "link"));
    await expect(ownFolder(join(base, "link", "mine"))).rejects.toThrow("open; run chmod go-w on it");
    expect(() => statSync(join(base, "open", "mine"))).toThrow("ENOENT");
  });

  it.skipIf(process.getuid?.() !== 0)("is refused in a folder of another user, who could exchange it", async () => {
    chmodSync(base, 0o755);
    const others = folder("others");
    const mine = folder("others/mine", 0o700);
    chownSync(others, ANOTHER, ANOTHER);
    await expect(ownFolder(mine)).rejects.toThrow(`${others} belongs to another user; set INKLING_CACHE`);
    await expect(CodeCache.open(mine)).rejects.toThrow("belongs to another user");
    await expect(fetchDataset("https://127.0.0.1:1/a", { cache: mine })).rejects.toThrow("belongs to another user");
    chownSync(others, 0, 0);
    chownSync(mine, ANOTHER, ANOTHER);
    await expect(CodeCache.open(mine)).rejects.toThrow("belongs to another user");
  });
});

describe.skipIf(process.getuid?.() !== 0)("a folder that another user tries to exchange all the time", () => {
  /** Another user's process, which exchanges two folders by their names until it is killed, and tells when it has begun. */
  const exchanging = async (a: string, b: string) => {
    const script = `
      const fs = require("node:fs");
      const move = (from, to) => { try { fs.renameSync(from, to); } catch {} };
      const [a, b] = process.argv.slice(1);
      for (let k = 0; ; k++) { move(a, a + "-"); move(b, a); move(a, b); move(a + "-", a); if (k === 0) fs.writeSync(1, "begun"); }`;
    const other = spawn(process.execPath, ["-e", script, a, b], {
      ...{ uid: ANOTHER, gid: ANOTHER, cwd: "/" },
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(other.stdout, "data");
    return async () => {
      const ended = once(other, "exit");
      other.kill("SIGKILL");
      await ended;
    };
  };
  const ATTEMPTS = 200;

  it("is never used where that user owns a folder above it", async () => {
    chmodSync(base, 0o755);
    const others = folder("others");
    folder("others/mine", 0o700);
    const theirs = folder("others/theirs", 0o777);
    chownSync(theirs, ANOTHER, ANOTHER);
    chownSync(others, ANOTHER, ANOTHER);
    const end = await exchanging(join(others, "mine"), theirs);
    for (let k = 0; k < ATTEMPTS; k++)
      await expect(CodeCache.open(join(others, "mine"))).rejects.toThrow("cannot be used");
    await end();
  });

  it("stays the same one where a sticky bit protects it", async () => {
    chmodSync(base, 0o755);
    const shared = folder("shared", 0o1777);
    const theirs = folder("shared/theirs", 0o777);
    chownSync(theirs, ANOTHER, ANOTHER);
    const mine = await ownFolder(join(shared, "mine"));
    const { ino } = statSync(mine);
    const end = await exchanging(mine, theirs);
    for (let k = 0; k < ATTEMPTS; k++) {
      await CodeCache.open(mine);
      expect(statSync(mine).ino).toBe(ino);
    }
    await end();
  });
});

it("ends where a file system creates no folders", async () => {
  if (process.platform === "linux")
    await expect(makeFolders("/proc/.cache/inkling")).rejects.toThrow("the folder /proc does not exist or");
});

it("ignores a relative XDG_CACHE_HOME", () => {
  expect(cacheDirectory({ XDG_CACHE_HOME: "here" })).toBe(cacheDirectory({}));
  expect(cacheDirectory({ XDG_CACHE_HOME: "/there" })).toBe(join("/there", "inkling"));
});
