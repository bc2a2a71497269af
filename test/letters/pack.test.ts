import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import type { Dataset } from "../../src/datasets/index.ts";
import { decodePack } from "../../src/formats/pack.ts";
import { isDenied, licences } from "../../tools/letters/excluded.ts";

const file = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url));
const pack = file("data/letters.inkling");
const { dependencies } = JSON.parse(file("tools/letters/package.json").toString()) as {
  dependencies: Record<string, string>;
};
/** The rows of the attribution's table, in the order of groups. */
const families = file("data/letters-attribution.md")
  .toString()
  .split("\n")
  .filter((line) => /^\| \d+ \|/.test(line))
  .map((line) => line.slice(2, -2).split(" | "))
  .map(([group, name, id, version, licence, faces, images, maker]) => ({
    group: Number(group),
    name: name!,
    id: id!,
    version: version!,
    licence: licence!,
    faces: faces!,
    images: Number(images),
    maker: maker!,
  }));

describe("the built-in letters", () => {
  let letters: Dataset;
  beforeAll(async () => {
    letters = await decodePack(pack);
  });

  it("are one file of less than 4 MB, the one whose checksum is committed", () => {
    expect(pack.length).toBeLessThan(4_000_000);
    const digest = createHash("sha256").update(pack).digest("hex");
    expect(file("data/letters.sha256").toString()).toBe(`${digest}  letters.inkling\n`);
  });

  it("are 15,000 to 20,000 images of A to J, about as many of each", () => {
    const { labels, classNames, imageShape, skipped } = letters;
    expect(classNames).toEqual([..."ABCDEFGHIJ"]);
    expect(imageShape).toEqual([28, 28, 1]);
    expect(skipped).toEqual([]);
    expect(labels.length).toBeGreaterThanOrEqual(15_000);
    expect(labels.length).toBeLessThanOrEqual(20_000);
    // Less of I only: in many fonts it is the same rectangle, and repeats are left out.
    const counts = classNames.map((_, label) => labels.filter((other) => other === label).length);
    for (const [label, count] of counts.entries())
      expect((count * 10) / labels.length).toBeGreaterThan(classNames[label] === "I" ? 0.65 : 0.98);
  });

  it("hold no image twice with the same label, and none that is empty", () => {
    const { images, labels } = letters;
    const keys = new Set<string>();
    for (const [i, label] of labels.entries()) {
      const image = images.subarray(i * 784, (i + 1) * 784);
      keys.add(`${label} ${Buffer.from(image).toString("latin1")}`);
      expect(Math.max(...image)).toBeGreaterThan(96); // of the thinnest hairlines
    }
    expect(keys.size).toBe(labels.length);
  });

  it("have 32 levels of gray, and the mean and deviation of notMNIST within 0.01", () => {
    const { images } = letters;
    expect(new Set(images)).toEqual(new Set(Array.from({ length: 32 }, (_, i) => Math.round((i * 255) / 31))));
    const mean = images.reduce((sum, pixel) => sum + pixel, 0) / images.length / 255;
    const square = images.reduce((sum, pixel) => sum + (pixel / 255) ** 2, 0) / images.length;
    expect(Math.abs(mean - 0.4254)).toBeLessThan(0.01);
    expect(Math.abs(Math.sqrt(square - mean * mean) - 0.4586)).toBeLessThan(0.01);
  });

  it("name the one family of every group, its pinned version, its open licence and its maker", () => {
    const counts = Array<number>(families.length).fill(0);
    for (const group of letters.groups!) counts[group]!++;
    expect(families.map(({ group }) => group)).toEqual([...families.keys()]);
    expect(families.map(({ images }) => images)).toEqual(counts);
    expect(new Set(families.map(({ name }) => name)).size).toBe(families.length);
    for (const { id, version, licence, maker, faces } of families) {
      expect(isDenied(id.replace("@fontsource/", ""))).toBe(false);
      expect(dependencies[id]).toBe(version);
      expect(Object.keys(licences)).toContain(licence);
      expect(maker).not.toBe("");
      expect(faces).toMatch(/^[1-9]00i?( [1-9]00i?){0,5}$/);
    }
    const pinned = Object.keys(dependencies).filter((name) => name.startsWith("@fontsource/"));
    expect(pinned.sort()).toEqual(families.map(({ id }) => id).sort());
  });
});

describe("the pinned fonts", () => {
  it("have an exact version and a checksum each, and name no server", () => {
    const lock = file("tools/letters/package-lock.json").toString();
    const { packages } = JSON.parse(lock) as { packages: Record<string, { version: string; integrity: string }> };
    for (const [name, version] of Object.entries(dependencies)) {
      expect(packages[`node_modules/${name}`]!.version).toBe(version);
      expect(packages[`node_modules/${name}`]!.integrity).toMatch(/^sha512-/);
    }
    expect(lock).not.toMatch(/"resolved"/);
  });
});
