import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { printed } from "./printed.ts";
import { runCommand } from "./program.ts";

const folder = mkdtempSync(join(tmpdir(), "inkling-augment-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs `inkling data augment letters`; gives the JSON that it prints, and the PNG's bytes. */
async function augment(...args: readonly string[]) {
  const out = join(folder, "sheet.png");
  const { stdout } = await printed(() => runCommand(["data", "augment", "letters", "--out", out, "--json", ...args]));
  return { json: JSON.parse(stdout), png: readFileSync(out) };
}

describe("inkling data augment", () => {
  it("draws a row for each image, the recipe's augmentation where none is given", async () => {
    const { json, png } = await augment("--images", "3", "--draws", "4");
    expect(json).toMatchObject({ formatVersion: 1, source: "letters", draws: 4, seed: 1 });
    expect(json.layers.map(({ type }: { type: string }) => type)).toEqual(["randomAffine"]);
    expect(new Set(json.rows).size).toBe(3);
    // 5 squares of 64 pixels across and 3 down, with 2 between and around.
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([5 * 66 + 2, 3 * 66 + 2]);
  });

  it("takes the layers' settings, in the order of the options", async () => {
    const { json } = await augment(
      ...["--images", "1", "--draws", "1"],
      ...[
        "--noise",
        "stddev=0.1",
        "--affine",
        "rotation=9, shift=[2,3],fill=0",
        "--thickness",
        "dilate=1,shape=square",
      ],
    );
    expect(json.layers).toEqual([
      { type: "gaussianNoise", stddev: 0.1 },
      { type: "randomAffine", rotation: 9, shift: [2, 3], scale: 0, shear: 0, fill: 0 },
      { type: "randomThickness", dilate: 1, erode: 0, shape: "square" },
    ]);
  });

  it("draws the same for the same seed", async () => {
    const args = ["--images", "2", "--draws", "3", "--elastic", "strength=3", "--seed"];
    const { png } = await augment(...args, "5");
    expect((await augment(...args, "5")).png.equals(png)).toBe(true);
    expect((await augment(...args, "6")).png.equals(png)).toBe(false);
  });

  it.each([
    [["--affine", "turn=3"], /randomAffine: turn is not an option; options are .*rotation/],
    [["--affine", "rotation"], /expected settings such as name=1/],
    [["--draws", "0"], /expected a whole number of at least 1/],
    [
      ["--recipe", "lenet"],
      /the network of lenet does not begin with augmentation; choose some with --affine, --elastic/,
    ],
  ])("refuses %j", async (args, message) => {
    await expect(augment(...args)).rejects.toThrow(message);
  });
});
