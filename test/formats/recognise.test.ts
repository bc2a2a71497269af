import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { readLines } from "../../src/formats/csv.ts";
import { openDataset } from "../../src/node.ts";
import { isWithin, NodeFile } from "../../src/sources/node/files.ts";
import { greyPng, tarOf } from "../sources/files.ts";
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
    ["A/1.png", greyPng(1)],
    ["B/1.png", greyPng(2)],
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

it("reads tables and lists that begin with a byte order mark", async () => {
  expect((await opened("a.csv", `\ufeff${table}`)).labels.length).toBe(2);
  await withFolder(async (folder) => {
    for (const n of [1, 2]) await writeFile(join(folder, `${n}.png`), greyPng(n));
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

it.each([
  ["/", "/a.png", true],
  ["/set", "/set/in/a.png", true],
  ["/set", "/set/..a.png", true],
  ["/set", "/setting/a.png", false],
  ["/set", "/", false],
])("within %s, %s: %s", (folder, path, expected) => {
  expect(isWithin(folder, path)).toBe(expected);
});
