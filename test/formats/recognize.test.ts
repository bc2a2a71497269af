import { existsSync } from "node:fs";
import { mkdir, readdir, readlink, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { readLines } from "../../src/formats/csv.ts";
import { writeZip } from "../../src/formats/zipWriter.ts";
import { openDataset } from "../../src/node.ts";
import { isWithin, NodeFile, NodeFolder } from "../../src/sources/node/files.ts";
import { grayPng, tarOf } from "../sources/files.ts";
import { failure, withFolder } from "./datasets.ts";

const table = "label,pixel0,pixel1,pixel2,pixel3\n0,2,3,4,5\n1,2,3,4,6\n";
const opened = (name: string, contents: Uint8Array | string) =>
  withFolder(async (folder) => {
    await writeFile(join(folder, name), contents);
    return openDataset(join(folder, name));
  });

it("takes a gzipped file for an archive only where there is one in it, or nothing that can be unpacked", async () => {
  const csv = await failure(opened("train.csv.gz", gzipSync(table)));
  expect(csv).toMatchObject({ code: "UNKNOWN_FORMAT", message: expect.stringMatching(/gzipped, .*; unpack it first/) });
  const damaged =
    /is a damaged or truncated archive \((a number of a header is not octal|unexpected end of file)\); fetch/;
  expect((await failure(opened("a.tar.gz", gzipSync(Buffer.alloc(2000, 1))))).message).toMatch(damaged);
  expect((await failure(opened("a", gzipSync(Buffer.alloc(2000, 1)).subarray(0, 10)))).message).toMatch(damaged);
  const tar = await tarOf([
    ["A/1.png", grayPng(1)],
    ["B/1.png", grayPng(2)],
  ]);
  expect((await opened("a", gzipSync(tar))).labels.length).toBe(2);
  // Before POSIX, headers had no word at byte 257, and nothing after it.
  for (const at of [0, 1024]) {
    tar.fill(0, at + 257, at + 512);
    const sum = tar.subarray(at, at + 512).reduce((total, byte, i) => total + (i >= 148 && i < 156 ? 32 : byte), 0);
    tar.write(`${sum.toString(8).padStart(6, "0")}\0 `, at + 148, "latin1");
  }
  expect((await opened("a", gzipSync(tar))).labels.length).toBe(2);
});

it.each<[string, string | Uint8Array, RegExp]>([
  ["v73.mat", "MATLAB 7.3 MAT-file, Platform: GLNXA64", /is a MATLAB 7\.3 file \(HDF5\), .*-v7/],
  ["a.zip", "\n<!DOCTYPE html>\n<title>Log in", /is a web page, so the download went wrong/],
  ["empty.csv", "", /is empty; fetch or make it again/],
  ["a.parquet", "version https://git-lfs.github.com/spec/v1\noid sha256:0", /is a pointer of Git LFS .*git lfs pull/],
  ["a.png", grayPng(1), /is one picture; open the folder/],
  ["a.bin", new Uint8Array(99).fill(3), /is not in a format of data sets; use images in a folder/],
  ["coco.json", '{"info": {"year": 1}, "images": [{"id": 1, "file_name": "a.png"}]}', /has annotations of COCO/],
  ["a.json", '{"meta": {"file": 1}, "label": [{"a": 1}]}', /first object has the fields "meta", "label"; expected/],
  ["b.json", '[{"file":"a.png","label":"A"}]', /is one JSON array; expected one object a line.*lines=True/],
])("says what %s is, and what to do, in two lines", async (name, contents, message) => {
  const error = await failure(opened(name, contents));
  expect(error).toMatchObject({ code: "UNKNOWN_FORMAT", message: expect.stringMatching(message) });
  expect(error.message.replace(/^.*\//, "").length).toBeLessThan(300);
});

it("says what an archive is that has no images", async () => {
  const zip = async (...names: string[]) => {
    const pieces = [];
    for await (const piece of writeZip(names.map((name) => ({ name, bytes: Buffer.from("text") })))) pieces.push(piece);
    return failure(opened("a.zip", Buffer.concat(pieces)));
  };
  expect((await zip("[Content_Types].xml", "xl/workbook.xml")).message).toMatch(
    /a\.zip is an Excel workbook; save its/,
  );
  expect((await zip("a/data.pkl", "a/data/0")).message).toMatch(/is a PyTorch file; save its arrays/);
  expect((await zip("A/1.png", "A/2.png", "B/1.png")).message).toMatch(
    /a\.zip: none of its 3 pictures can be read; A\/1\.png and 2 more: this is not a PNG, [^;]*; convert it to one of them$/,
  );
  expect((await zip("README.md")).message).toMatch(
    /no readable image in a class folder; .* \(1 file skipped: README\.md: it is not a picture\)$/,
  );
});

it("points at the data sets in a folder, such as a clone from Hugging Face", () =>
  withFolder(async (folder) => {
    await mkdir(join(folder, "data"));
    await writeFile(join(folder, "README.md"), "# Birds");
    await writeFile(join(folder, "data", "train-00000-of-00001.parquet"), "PAR1");
    expect((await failure(openDataset(folder))).message).toMatch(
      /; it has data\/train-.*\.parquet: open .*\/data\/train-/,
    );
    await writeFile(join(folder, "data", "test-00000-of-00001.parquet"), "PAR1");
    expect((await failure(openDataset(folder))).message).toMatch(
      /; it has data\/test-.*, data\/train-.*: open .*\/data$/,
    );
  }));

it("closes each file that it reads", () =>
  withFolder(async (folder) => {
    const path = join(folder, "a");
    await writeFile(path, new Uint8Array(3 * 2 ** 20));
    const file = new NodeFile(path, await stat(path));
    const isOpen = async () =>
      (
        await Promise.all((await readdir("/proc/self/fd")).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => "")))
      ).includes(path);
    await file.read(0, 10);
    await file.read(2 ** 21, 10);
    if (existsSync("/proc/self/fd")) expect(await isOpen()).toBe(false);
    await writeFile(path, new Uint8Array(9));
    await expect(async () => file.read(0, 10)).rejects.toThrow(/has changed since it was opened/);
  }));

it("reads tables and lists that begin with a byte order mark", async () => {
  expect((await opened("a.csv", `\ufeff${table}`)).labels.length).toBe(2);
  await withFolder(async (folder) => {
    for (const n of [1, 2]) await writeFile(join(folder, `${n}.png`), grayPng(n));
    await writeFile(join(folder, "list.csv"), "\ufefffile,label\n1.png,A\n2.png,B\n");
    expect((await openDataset(join(folder, "list.csv"))).labels.length).toBe(2);
  });
});

it("reads lines that come in many pieces", async () => {
  const text = `${"a".repeat(1000)}\r\n\nbé\n${"c".repeat(500)}`;
  for (const size of [1, 7, 999, 5000]) {
    async function* pieces() {
      for (let at = 0; at < Buffer.byteLength(text); at += size) yield Buffer.from(text).subarray(at, at + size);
    }
    const lines: string[] = [];
    for await (const line of readLines(pieces(), "x")) lines.push(line);
    expect(lines).toEqual(text.split(/\r?\n/));
  }
});

it("says of a file that cannot be read what the file system says", async () => {
  const error = await failure(withFolder(async (folder) => new NodeFile(folder, await stat(folder)).read(0, 1)));
  expect(error.code).toBe("FILE_SYSTEM");
});

it("says of a folder that cannot be listed what to do", async () => {
  const names = await withFolder((folder) => failure(new NodeFolder(`${folder}/gone`).walk().next()));
  expect([names.code, names.message]).toEqual([
    "NOT_FOUND",
    expect.stringMatching(/gone cannot be read: it does not exist$/),
  ]);
});

it.each([
  ["/", "/a.png", true],
  ["/set", "/set/in/a.png", true],
  ["/set", "/set/..a.png", true],
  ["/set", "/setting/a.png", false],
  ["/set", "/", false],
])("within %s, %s: %s", (folder, path, expected) => {
  expect(isWithin(folder, path)).toBe(expected);
});
