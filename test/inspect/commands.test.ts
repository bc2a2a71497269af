import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Inkling } from "../cli/inkling.ts";

let inkling: Inkling;
let source = "";
beforeAll(async () => {
  inkling = new Inkling();
  await inkling.writeBars("bars", 30);
  source = join(inkling.data, "bars");
  writeFileSync(join(source, "A", "broken.png"), "");
}, 60_000);
afterAll(() => inkling?.remove());

describe("inkling data inspect", () => {
  it("says what a data set holds", async () => {
    const { code, stdout, stderr } = await inkling.run("data", "inspect", source);
    expect(code).toBe(0);
    expect(stdout).toContain("images       30 of 8 × 8 pixels, grey, 3 classes\n");
    expect(stdout).toMatch(/ {2}A {2}█{24} {2}10 {2}33\.3 %\n/);
    expect(stdout).toMatch(/pixels {7}mean \d+\.\d, standard deviation \d+\.\d of 0 to 255\n/);
    expect(stdout).toContain("unreadable   1 files\n");
    expect(stdout).toContain("duplicates   0 images are exact copies of others");
    expect(stdout).not.toContain("▀");
    expect(stderr).toContain("A/broken.png: the file is empty");
  });

  it("prints one JSON object, and saves samples", async () => {
    const { stdout } = await inkling.run("data", "inspect", source, "--json", "--png", "samples.png");
    expect(JSON.parse(stdout)).toMatchObject({
      formatVersion: 1,
      count: 30,
      imageShape: [8, 8, 1],
      duplicates: [],
      skipped: [{ name: "A/broken.png", reason: "the file is empty" }],
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(readFileSync(join(inkling.cwd, "samples.png")).subarray(1, 4).toString()).toBe("PNG");
  });
});

describe("inkling data pack", () => {
  it("writes one file with the same data, and leaves another in its place alone", async () => {
    const packed = await inkling.run("data", "pack", source, "bars.inkling", "--json");
    const { fingerprint, sha256, images, bytes } = JSON.parse(packed.stdout);
    expect({ images, bytes }).toEqual({ images: 30, bytes: readFileSync(join(inkling.cwd, "bars.inkling")).length });
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    const inspected = await inkling.run("data", "inspect", "bars.inkling", "--json");
    expect(JSON.parse(inspected.stdout).fingerprint).toBe(fingerprint);
    const again = await inkling.run("data", "pack", source, "bars.inkling");
    expect(again).toMatchObject({
      code: 2,
      stderr: "inkling: bars.inkling is there already; name another file, or replace it with --force\n",
    });
  });

  it("stores pixels as they are where it is told, and replaces where it is forced", async () => {
    const { code, stdout } = await inkling.run("data", "pack", source, "bars.inkling", "--force", "--no-compress");
    expect(code).toBe(0);
    expect(stdout).toContain("bars.inkling: 30 images, 3 classes, ");
  });

  it("says where it cannot write", async () => {
    const { code, stderr } = await inkling.run("data", "pack", source, "nowhere/bars.inkling");
    expect(code).toBe(1);
    expect(stderr).toContain("inkling: nowhere/bars.inkling cannot be written");
  });
});
