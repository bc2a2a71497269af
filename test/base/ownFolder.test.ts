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

it("ends where a file system creates no folders", async () => {
  if (process.platform === "linux")
    await expect(makeFolders("/proc/.cache/inkling")).rejects.toThrow("the folder /proc does not exist or");
});

it("ignores a relative XDG_CACHE_HOME", () => {
  expect(cacheDirectory({ XDG_CACHE_HOME: "here" })).toBe(cacheDirectory({}));
  expect(cacheDirectory({ XDG_CACHE_HOME: "/there" })).toBe(join("/there", "inkling"));
});
