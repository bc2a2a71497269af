import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { png } from "../sources/files.ts";
import { Packed } from "./packed.ts";

const example = fileURLToPath(new URL("../../examples/extension/", import.meta.url));
const compiler = fileURLToPath(new URL("../../node_modules/typescript/bin/tsc", import.meta.url));

// A package of someone else's that extends Inkling, against Inkling as it is installed.

/** Something like a letter. */
const bar = Array.from({ length: 28 }, () => Array.from({ length: 28 }, (_, x) => (x > 12 && x < 16 ? 0 : 255)));

let packed: Packed;
beforeAll(() => {
  packed = new Packed();
  packed.install();
  const source = join(packed.project, "extension");
  cpSync(example, source, { recursive: true, filter: (path) => !/\/(dist|node_modules)$/.test(path) });
  const { status, stdout } = spawnSync(process.execPath, [compiler, "-p", source], { encoding: "utf8" });
  if (status !== 0) throw new Error(`the example does not compile:\n${stdout}`);
}, 180_000);
afterAll(() => packed?.remove());

/** What a command of the installed package prints and its exit code, run in the project. */
function inkling(...args: readonly string[]) {
  const main = join(packed.project, "node_modules", "inkling", "dist", "bundle", "cli", "main.js");
  return spawnSync(process.execPath, [main, ...args], {
    cwd: packed.project,
    encoding: "utf8",
    env: { ...process.env, INKLING_BACKEND: "wasm" },
  });
}

function succeeds(...args: readonly string[]): string {
  const { status, stdout, stderr } = inkling(...args);
  expect(status, stderr).toBe(0);
  return stdout;
}

describe("the example of an extension", () => {
  it("passes its own tests, by node:test and inkling/testing", () => {
    const source = join(packed.project, "extension");
    const files = readdirSync(join(source, "dist", "test")).filter((name) => name.endsWith(".test.js"));
    const { status, stdout } = spawnSync(
      process.execPath,
      ["--test", ...files.map((name) => join("dist", "test", name))],
      { cwd: source, encoding: "utf8" },
    );
    expect(status, stdout).toBe(0);
    expect(Number(/^# tests (\d+)$/m.exec(stdout)?.[1])).toBeGreaterThan(20);
  }, 300_000);

  describe("installed", () => {
    const load = ["--load", "inkling-extension-example"] as const;
    beforeAll(() => {
      const installed = join(packed.project, "node_modules", "inkling-extension-example");
      mkdirSync(installed);
      for (const name of ["package.json", "dist"])
        cpSync(join(packed.project, "extension", name), join(installed, name), { recursive: true });
      cpSync(join(packed.project, "extension", "recipe.ts"), join(packed.project, "recipe.ts"));
      const letters = join(packed.project, "node_modules", "inkling", "data", "letters.inkling");
      succeeds("data", "sample", letters, "letters.digits", "--size", "130", ...load);
    });

    it("saves its own format, and opens it again", () => {
      const text = readFileSync(join(packed.project, "letters.digits"), "utf8");
      expect(text.slice(0, 40)).toMatch(/^inkling-digits 1\n28 28 A,B,C/);
      expect(succeeds("data", "inspect", "letters.digits", ...load)).toMatch(
        /1\d\d of 28 × 28 pixels, grayscale, 10 classes/,
      );
      const { status, stderr } = inkling("data", "inspect", "letters.digits");
      expect(status).toBe(1);
      expect(stderr).toMatch(/letters.digits is not in a format of data sets/);
    });

    it("trains, resumes, evaluates, predicts and replays with what it adds", () => {
      const run = ["--out", "run", "--json"];
      const training = ["train", "letters.digits", "--recipe", "recipe.ts", "--steps", "20"];
      const first = JSON.parse(succeeds(...training, ...run));
      const model = readFileSync(join(packed.project, "run", "run.json"), "utf8");
      for (const type of ["exampleSwish", "exampleSignum", "exampleDecay"])
        expect(model).toContain(`"type": "${type}"`);
      const resumed = JSON.parse(succeeds("train", "--resume", "run", "--extend", "5", "--json", ...load));
      expect(resumed.steps).toBe(25);
      expect(resumed.weightsSha256).not.toBe(first.weightsSha256);
      expect(JSON.parse(succeeds("evaluate", "run", "--json", ...load)).weightsSha256).toBe(resumed.weightsSha256);
      expect(JSON.parse(succeeds("replay", "run", "--json", ...load)).same).toBe(true);
      writeFileSync(join(packed.project, "picture.png"), png(28, bar));
      expect(JSON.parse(succeeds("predict", "run", "picture.png", "--json", ...load)).pictures).toHaveLength(1);
    });

    it("is named where a run needs it and it is not loaded", () => {
      for (const command of [
        ["train", "--resume", "run"],
        ["evaluate", "run"],
        ["predict", "run", "picture.png"],
        ["replay", "run"],
      ]) {
        const { status, stderr } = inkling(...command);
        expect(status).toBe(1);
        expect(stderr).toMatch(
          /unknown (layer "exampleSwish"|optimizer "exampleSignum"|schedule "exampleDecay"); .*if an extension defines it, import the extension first \(on the command line: --load PACKAGE\)/,
        );
      }
    });

    it("is loaded as a file, too, and only once however often it is named", () => {
      writeFileSync(join(packed.project, "load.ts"), 'import "inkling-extension-example";\n');
      succeeds("evaluate", "run", "--load", "load.ts", "--load", "load.ts", ...load);
    });

    it("cannot take the name of what is there", () => {
      writeFileSync(
        join(packed.project, "taken.mjs"),
        'import { defineSchedule, registerSchedule } from "inkling/extend";\n' +
          'registerSchedule(defineSchedule({ type: "cosineDecay", schema: undefined, at: () => 1 }));\n',
      );
      const { status, stderr } = inkling("info", "--load", "taken.mjs");
      expect(status).toBe(2);
      expect(stderr).toMatch(/schedule "cosineDecay" is already registered; choose another type/);
    });

    it("says what cannot be loaded", () => {
      const { status, stderr } = inkling("info", "--load", "no-such-package");
      expect(status).toBe(1);
      expect(stderr).toMatch(/--load no-such-package: there is no such file, and no package of that name is installed/);
      writeFileSync(join(packed.project, "broken.mjs"), "throw new Error('oh');\n");
      expect(inkling("info", "--load", "broken.mjs").stderr).toMatch(/broken\.mjs:1: oh/);
    });
  });
});
