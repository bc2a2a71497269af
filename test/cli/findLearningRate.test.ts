import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodePicture } from "../image/decoded.ts";
import { type CommandLine, commandLine } from "../runs/cli.ts";

let cli: CommandLine;
beforeAll(async () => {
  cli = await commandLine();
});
afterAll(() => cli.remove());

describe("inkling lr-find", () => {
  it("suggests a learning rate, and draws the sweep as SVG and PNG", async () => {
    const drawn = ["--svg", "sweep.svg", "--png", "sweep.png"];
    const args = ["lr-find", "bars.inkling", "--recipe", "small.mjs", "--steps", "60", "--json", ...drawn];
    const { stdout, stderr, code } = await cli.inkling(args);
    expect(code, stderr).toBe(0);
    const { suggestion, lowest, points } = JSON.parse(stdout);
    expect(suggestion).toBeCloseTo(lowest / 10, 12);
    expect(stderr).toMatch(
      /^Suggested learning rate: \S+ to start from, \S+ at most\n {2}\d+ steps from 0\.00001 to /m,
    );
    expect(points.length).toBeGreaterThan(10);
    expect(readFileSync(join(cli.folder, "sweep.svg"), "utf8")).toContain("</svg>");
    const picture = decodePicture(readFileSync(join(cli.folder, "sweep.png")));
    expect([picture.width, picture.height]).toEqual([1440, 840]);
    expect(new Set(picture.data).size).toBeGreaterThan(10);
  });

  it("says what is wrong before it reads data", async () => {
    const { stderr, code } = await cli.inkling([
      "lr-find",
      "bars.inkling",
      "--recipe",
      "small.mjs",
      "--from",
      "2",
      "--to",
      "1",
    ]);
    expect(code).toBe(2);
    expect(stderr).toBe("inkling: findLearningRate: --from is 2, expected less than --to, which is 1\n");
  });
});
