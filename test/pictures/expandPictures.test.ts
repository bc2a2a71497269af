import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expandPictures } from "../../src/cli/predict/pictures.ts";

const FILES = [
  ...["a.png", "b.jpg", "b.jpeg", "c.webp", "d.gif", ".hidden.png", ".git/a.png", "img(1)x.png", "a+(b)$.png"],
  ...["page01.png", "page02.png", "page9.png", "page10.png", "page12.png", "page13.png"],
  ...["deep/a.png", "deep/er/a.png", "deep/er/.h/a.png", "deep.png", "x[1].png", "x1.png", "q*.png", "q1.png"],
  ...["set{a,b}/a.png", "!n.png", "#n.png", "two\nlines.png", "aXpng"],
];

let before = "";
let folder = "";
beforeAll(() => {
  before = process.cwd();
  folder = mkdtempSync(join(tmpdir(), "inkling-glob-"));
  for (const name of FILES) {
    mkdirSync(join(folder, dirname(name)), { recursive: true });
    writeFileSync(join(folder, name), "");
  }
  symlinkSync("..", join(folder, "deep", "up"));
  symlinkSync("a.png", join(folder, "link.png"));
  process.chdir(folder);
});
afterAll(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true });
});

describe("pictures that are named", () => {
  it.each<[string, string, readonly string[]]>([
    ["* stays within a name", "a*.png", ["a+(b)$.png", "a.png"]],
    ["* in a folder", "deep/*.png", ["deep/a.png"]],
    ["./ before a glob", "./deep/*.png", ["deep/a.png"]],
    ["a folder twice separated", "deep//./*.png", ["deep/a.png"]],
    ["** is any folders, or none", "deep/**/*.png", ["deep/a.png", "deep/er/a.png"]],
    ["** at the end", "deep/**", ["deep/a.png", "deep/er/a.png"]],
    ["? is one character", "q?.png", ["q*.png", "q1.png"]],
    ["[a-c]", "[a-c].*", ["a.png", "b.jpeg", "b.jpg", "c.webp"]],
    ["[!a-c]", "[!a-c].*", ["d.gif"]],
    ["a class of POSIX", "q[[:digit:]].png", ["q1.png"]],
    ["alternatives", "b.{jpg,jp*g}", ["b.jpeg", "b.jpg"]],
    ["nested alternatives", "{a.png,b.jp{e,}g}", ["a.png", "b.jpeg", "b.jpg"]],
    ["alternatives with folders", "{deep/er,deep}/a.*", ["deep/a.png", "deep/er/a.png"]],
    ["a range", "page1{0..2}.png", ["page10.png", "page12.png"]],
    ["a range of several digits", "page{9..12}.png", ["page10.png", "page12.png", "page9.png"]],
    ["a range with zeros", "page{01..12}.png", ["page01.png", "page02.png", "page10.png", "page12.png"]],
    ["a range of letters", "{a..c}.{png,webp}", ["a.png", "c.webp"]],
    ["a range among alternatives", "{page1{2..3},a}.png", ["a.png", "page12.png", "page13.png"]],
    ["an escaped *", "q\\*.p?g", ["q*.png"]],
    ["escaped brackets", "x\\[1\\].p*", ["x[1].png"]],
    ["an escaped name of a folder", "set\\{a,b\\}/*.png", ["set{a,b}/a.png"]],
    ["brackets that are round are no pattern", "img(1)*.png", ["img(1)x.png"]],
    ["nor are +( and $", "a+(b)$.p*", ["a+(b)$.png"]],
    ["nor are ! and # in front", "[!x]n.p*", ["!n.png", "#n.png"]],
    ["!", "!n.p*", ["!n.png"]],
    ["#", "#n.p*", ["#n.png"]],
    ["a dot is a dot", "a.p?g", ["a.png"]],
    ["* is any character, breaks of lines too", "two*", ["two\nlines.png"]],
    ["a leading dot has to be named", ".h*.png", [".hidden.png"]],
    ["and that of a folder", ".git/*", [".git/a.png"]],
    ["within **", "deep/**/.h/*.png", ["deep/er/.h/a.png"]],
    ["a file whose name is a pattern", "x[1].png", ["x[1].png"]],
    ["a folder whose name is a pattern", "set{a,b}", ["set{a,b}/a.png"]],
    ["a pattern that is none", "[", ["["]],
    ["what matches nothing stays", "*.tiff", ["*.tiff"]],
    ["a folder's pictures, but for hidden ones", "deep", ["deep/a.png", "deep/er/a.png"]],
    ["a link that is named", "link.png", ["link.png"]],
    ["a folder through a link", "deep/up/c.*", ["deep/up/c.webp"]],
    ["standard input", "-", ["-"]],
  ])("%s: %s", async (_, name, expected) => {
    expect(await expandPictures([name])).toEqual(expected);
  });

  it("are found below an absolute folder", async () => {
    expect(await expandPictures([join(folder, "deep/*/*.png")])).toEqual([join(folder, "deep/er/a.png")]);
  });

  it("are found below a folder that is above", async () => {
    process.chdir("deep");
    expect(await expandPictures(["../{a,c}.*"])).toEqual(["../a.png", "../c.webp"]);
    process.chdir("..");
  });

  it("are all below, without hidden ones and links, each once and in the order of their names", async () => {
    const all = await expandPictures(["**/*.png"]);
    const shown = FILES.filter((name) => /\.png$/s.test(name) && !/(^|\/)\./.test(name));
    expect(new Set(all)).toEqual(new Set(shown));
    expect(all.length).toBe(shown.length);
    expect(all.filter((name) => /^deep/.test(name))).toEqual(["deep/a.png", "deep/er/a.png", "deep.png"]);
  });
});
