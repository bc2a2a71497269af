import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writeFileAtomic, writeFilesAtomic } from "../../src/base/node/writeFile.ts";

let folder: string;
const at = (name: string) => join(folder, name);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "inkling-write-"));
});
afterEach(() => rm(folder, { recursive: true }));

const bytes = (text: string) => [new TextEncoder().encode(text)];
/** As a disk that is full after some pieces. */
async function* full() {
  for (let i = 0; i < 40; i++) yield new Uint8Array(2 ** 14);
  throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
}

describe("writeFileAtomic", () => {
  it("replaces a file with text, bytes or pieces, and leaves nothing beside it", async () => {
    for (const contents of ["ab", new TextEncoder().encode("ab"), [...bytes("a"), ...bytes("b")]]) {
      await writeFileAtomic(at("x"), contents);
      expect(await readFile(at("x"), "utf8")).toBe("ab");
    }
    expect(await readdir(folder)).toEqual(["x"]);
  });

  it("keeps the old file where the new one fails while it is written", async () => {
    await writeFile(at("x"), "old");
    await expect(writeFileAtomic(at("x"), full())).rejects.toMatchObject({
      code: "FILE_SYSTEM",
      message: `${at("x")} cannot be written: the disk is full`,
    });
    expect(await readFile(at("x"), "utf8")).toBe("old");
    expect(await readdir(folder)).toEqual(["x"]);
  });
});

describe("writeFilesAtomic", () => {
  it("writes files, and folders of files, some of them empty", async () => {
    await mkdir(at("set"));
    const files = Array.from({ length: 50 }, (_, i) => ({ name: `set/A/${i}`, contents: bytes(String(i)) }));
    await writeFilesAtomic(folder, [
      { name: "set/A/", contents: [] },
      { name: "set/B/", contents: [] },
      ...files,
      { name: "list", contents: bytes("list") },
    ]);
    expect((await readdir(folder)).sort()).toEqual(["list", "set"]);
    expect(await readdir(at("set/B"))).toEqual([]);
    expect((await readdir(at("set/A"))).length).toBe(50);
    expect(await readFile(at("set/A/49"), "utf8")).toBe("49");
  });

  it("writes none where one fails", async () => {
    await writeFile(at("images"), "old");
    const files = [
      { name: "images", contents: bytes("new") },
      { name: "set/A/", contents: [] },
      { name: "set/A/1", contents: bytes("1") },
      { name: "labels", contents: full() },
    ];
    await expect(writeFilesAtomic(folder, files)).rejects.toThrow(/labels cannot be written: the disk is full/);
    expect(await readdir(folder)).toEqual(["images"]);
    expect(await readFile(at("images"), "utf8")).toBe("old");
  });

  it("removes no folder that holds anything", async () => {
    await mkdir(at("set"));
    await writeFile(at("set/mine"), "mine");
    await expect(
      writeFilesAtomic(folder, [
        { name: "set/A/", contents: [] },
        { name: "list", contents: bytes("") },
      ]),
    ).rejects.toMatchObject({ code: "FILE_SYSTEM" });
    expect(await readdir(folder)).toEqual(["set"]);
    expect(await readdir(at("set"))).toEqual(["mine"]);
  });

  it("says which file of a folder cannot be written, without an unhandled rejection", async () => {
    const files = [
      { name: "set/A/", contents: [] },
      { name: "set/missing/1", contents: bytes("1") },
      { name: "list", contents: bytes("list") },
    ];
    await expect(writeFilesAtomic(folder, files)).rejects.toMatchObject({ code: "FILE_SYSTEM" });
    expect(await readdir(folder)).toEqual([]);
  });
});
