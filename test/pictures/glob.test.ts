import { describe, expect, it } from "vitest";
import { globBase, globPattern, isGlob } from "../../src/cli/predict/glob.ts";

describe("globs", () => {
  it.each([
    ["a/*.png", "a/b.png", true],
    ["a/*.png", "a/b/c.png", false],
    ["./a/*.png", "a/b.png", true],
    ["**/*.png", "b.png", true],
    ["**/*.png", "a/b/c.png", true],
    ["a/**", "a/b/c", true],
    ["a?.jpg", "ab.jpg", true],
    ["a?.jpg", "a/.jpg", false],
    ["[a-c]1", "b1", true],
    ["[!a-c]1", "b1", false],
    ["x.{png,jp*g}", "x.jpeg", true],
    ["x.{png,jpg}", "x.gif", false],
    ["a+(b)$.png", "a+(b)$.png", true],
    ["a.png", "aXpng", false],
    ["[", "[", true],
  ])("%s and %s: %s", (glob, path, expected) => {
    expect(globPattern(glob).test(path)).toBe(expected);
  });

  it("begin below a folder", () => {
    expect(globBase("a/b/*.png")).toBe("a/b");
    expect(globBase("*.png")).toBe(".");
    expect(globBase("/*.png")).toBe("/");
    expect(globBase("/a/**/b.png")).toBe("/a");
  });

  it("are told by their wildcards", () => {
    expect(["a*", "a?", "[a]", "{a}", "a.png"].map(isGlob)).toEqual([true, true, true, true, false]);
  });
});
