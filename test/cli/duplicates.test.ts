import { cpSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Finished, Inkling } from "./inkling.ts";

let inkling: Inkling;
let images = "";
let others = "";
beforeAll(async () => {
  inkling = new Inkling();
  await inkling.writeBars("letters3", 90);
  await inkling.writeBars("others", 30, 4);
  images = join(inkling.data, "letters3");
  others = join(inkling.data, "others");
});
afterAll(() => inkling?.remove());

const json = ({ stdout }: Finished) => JSON.parse(stdout);
const train = (source: string, out: string, ...args: string[]) =>
  inkling.run("train", source, "--recipe", "lenet", "--steps", "1", "--out", out, ...args);

describe("images that are there twice", () => {
  it("stay in one split, or train says how it does without them, and so does evaluate", async () => {
    const doubled = join(inkling.data, "doubled");
    cpSync(images, doubled, { recursive: true });
    for (const name of ["A", "B", "C"])
      for (const file of readdirSync(join(images, name)))
        cpSync(join(images, name, file), join(doubled, name, `again-${file}`));
    const settings = ["--test-size", "60"];
    const together = json(await train(doubled, "together", ...settings, "--json"));
    expect(together.testWithoutTwins.count).toBe(60);
    const parted = await train(doubled, "parted", ...settings, "--keep-together", "none");
    const line = /^Without the (\d+) train\/test duplicates: \d+\.\d% {2}\(95 % interval .*, (\d+) images\)$/m;
    const [, duplicates, others] = line.exec(parted.stdout)!;
    expect(Number(duplicates) + Number(others)).toBe(60);
    expect(Number(duplicates)).toBeGreaterThan(20);
    const evaluated = await inkling.run("evaluate", "parted");
    expect(evaluated.stdout).toContain(line.exec(parted.stdout)![0]);
    const near = json(await inkling.run("evaluate", "parted", "--duplicates", "near", "--json"));
    expect([near.twins, near.testWithoutTwins.count]).toEqual(["near", Number(others)]);
    expect(json(await inkling.run("evaluate", "parted", "--twins", "near", "--json")).twins).toBe("near");
    const everything = json(await inkling.run("evaluate", "parted", doubled, "--json"));
    expect(everything.testImages).toBe(180);
    // What is left was not trained on: the test images without a duplicate, and such pairs of test and validation.
    const left = everything.testWithoutTwins.count;
    expect(left).toBeGreaterThanOrEqual(Number(others));
    expect(left).toBeLessThanOrEqual(60 + 18);
  });

  it("are left out where the test set has them, which is said", async () => {
    const some = join(inkling.data, "some");
    for (const name of ["A", "B", "C"]) cpSync(join(others, name), join(some, name), { recursive: true });
    for (const file of readdirSync(join(images, "A")).slice(0, 4))
      cpSync(join(images, "A", file), join(some, "A", `x${file}`));
    const { stderr } = await train(images, "disjoint", "--test", some);
    expect(stderr).toMatch(/^4 images of .*letters3? are left out because .*some also contains them/m);
    rmSync(some, { recursive: true });
    const { stdout, stderr: remark } = await inkling.run("evaluate", "disjoint", others);
    expect(stdout).toContain("30 images of");
    expect(remark).toContain("Train/test duplicates were not counted: data set ");
  });
});
