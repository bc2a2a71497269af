import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readRun } from "../../src/node.ts";
import { type CommandLine, commandLine } from "./cli.ts";

let cli: CommandLine;
beforeAll(async () => {
  cli = await commandLine();
});
afterAll(() => cli.remove());

const training = [
  "train",
  "bars.inkling",
  "--recipe",
  "small.mjs",
  "--steps",
  "40",
  "--validate-every",
  "20",
  "--json",
];

async function ok(args: readonly string[]) {
  const { stdout, stderr, code } = await cli.inkling(args);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout);
}

describe("mixup, class weights and gradient accumulation", () => {
  const settings = ["--mixup", "0.3", "--class-weights", "A=2,B=0.5", "--gradient-accumulation", "2"];

  it("are recorded, replayed, resumed and extended", async () => {
    const { weightsSha256 } = await ok([...training, ...settings, "--out", "mixed"]);
    const { config } = await readRun(join(cli.folder, "mixed"));
    expect(config).toMatchObject({ mixup: 0.3, classWeights: [2, 0.5, 1, 1], gradientAccumulation: 2 });
    expect(await ok(["replay", "mixed", "--json"])).toMatchObject({ same: true, weightsSha256 });
    const longer = await ok([...training, ...settings, "--steps", "60", "--out", "longer"]);
    const extended = await ok(["train", "--resume", "mixed", "--extend", "20", "--json"]);
    expect(extended.weightsSha256).toBe(longer.weightsSha256);
    expect(longer.weightsSha256).not.toBe((await ok([...training, "--steps", "60", "--out", "plain"])).weightsSha256);
  });

  it("as weight decay, and what it applies to, are part of the recorded optimizer", async () => {
    await ok([...training, "--weight-decay", "0.01", "--weight-decay-mask", "kernel,gamma", "--out", "decayed"]);
    const { config } = await readRun(join(cli.folder, "decayed"));
    expect(config.optimizer).toMatchObject({ type: "adam", weightDecay: 0.01, weightDecayMask: ["kernel", "gamma"] });
    expect(await ok(["replay", "decayed", "--json"])).toMatchObject({ same: true });
  });

  it("may have the names of earlier versions, in the run and on the command line", async () => {
    await ok([...training, "--weight-decay", "0.01", "--decayed", "all", "--out", "earlier"]);
    const file = join(cli.folder, "earlier", "run.json");
    const written = await readFile(file, "utf8");
    expect(written).toContain('"weightDecayMask": "all"');
    await writeFile(file, written.replace('"weightDecayMask"', '"decayed"'));
    expect(await ok(["replay", "earlier", "--json"])).toMatchObject({ same: true });
    await ok(["train", "--resume", "earlier", "--extend", "10", "--json"]);
  });

  it("may be a recipe's, unless the command line says otherwise", async () => {
    const recipe = `import small from "./small.mjs";\nexport default { ...small, options: { mixup: 0.2, monitor: "loss" } };\n`;
    await writeFile(join(cli.folder, "mixing.mjs"), recipe);
    await ok([...training, "--recipe", "mixing.mjs", "--out", "recipe"]);
    expect((await readRun(join(cli.folder, "recipe"))).config).toMatchObject({ mixup: 0.2, monitor: "loss" });
    await ok([...training, "--recipe", "mixing.mjs", "--mixup", "0", "--out", "none"]);
    expect((await readRun(join(cli.folder, "none"))).config).not.toHaveProperty("mixup");
    await rm(join(cli.folder, "mixing.mjs"));
  });

  it.each([
    [["--class-weights", "A:2"], "expected balanced, or comma-separated CLASS=NUMBER, such as A=2,B=0.5."],
    [["--class-weights", "Z=2"], "inkling: --class-weights names Z, which is not a class; the classes are A, B, C, D"],
    [["--gradient-accumulation", "3"], "inkling: --gradient-accumulation is 3, expected a divisor of --batch-size, 8"],
    [
      ["--weight-decay-mask", "gama"],
      "inkling: --weight-decay-mask: there is no parameter gama; the parameters are conv2d_1.kernel, ",
    ],
    [["--weight-decay", "-1"], "inkling: --weight-decay is -1, expected a number of at least 0"],
    [["--mixup", "-1"], "inkling: --mixup is -1, expected a number of at least 0"],
  ])("%j is refused", async (args, message) => {
    const { code, stderr } = await cli.inkling([...training, ...args]);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});
