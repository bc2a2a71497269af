import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type CommandLine, commandLine } from "../runs/cli.ts";

let cli: CommandLine;
beforeAll(async () => {
  cli = await commandLine();
});
afterAll(() => cli.remove());

async function train(...more: readonly string[]) {
  const args = ["train", "bars.inkling", "--recipe", "small.mjs", "--steps", "3", "--json", ...more];
  const { code, stdout, stderr } = await cli.inkling(args);
  expect(code, stderr).toBe(0);
  return { weights: (JSON.parse(stdout) as { weightsSha256: string }).weightsSha256, stderr };
}

it("times tilings once, times damaged ones again, and cleans them away", async () => {
  const plain = await train("--out", "plain");
  const first = await train("--out", "first", "--tune");
  expect(first.stderr).toMatch(/Timed \d+ sums: \d+ have a faster tiling than the predicted one/);
  const again = await train("--out", "again", "--tune");
  expect(again.stderr).toContain("No tiling needs to be timed");

  const folder = join(cli.elsewhere, "inkling", "tilings");
  const [file, ...others] = readdirSync(folder);
  expect(file).toMatch(/^wasm-wasm128-[0-9a-f]{16}\.json$/);
  expect(others).toEqual([]);
  const path = join(folder, file!);
  writeFileSync(path, readFileSync(path, "utf8").slice(0, 40));
  const damaged = await train("--out", "damaged", "--tune");
  expect(damaged.stderr).toContain("Timed ");
  for (const run of [first, again, damaged]) expect(run.weights).toBe(plain.weights);

  const { stdout } = await cli.inkling(["cache", "--clean", "--json"]);
  expect(JSON.parse(stdout)).toMatchObject({ tilings: { files: 0, bytes: 0 } });
});

it("trains on where tilings cannot be kept, or nothing can be compiled", async () => {
  const taken = join(cli.folder, "taken");
  writeFileSync(taken, "");
  for (const [out, backend] of [
    ["wasm", "wasm"],
    ["instead", "native"],
  ] as const) {
    const args = ["train", "bars.inkling", "--recipe", "small.mjs", "--steps", "3", "--tune", "--out", out];
    const env = { INKLING_CACHE: taken, INKLING_BACKEND: backend };
    const { code, stderr } = await cli.inkling(args, undefined, env);
    expect(code, stderr).toBe(0);
    if (backend === "wasm") expect(stderr).toContain("The tilings cannot be saved for other runs");
  }
});
