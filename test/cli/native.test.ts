import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { natives } from "../backends/native.ts";
import { type CommandLine, commandLine } from "../runs/cli.ts";

const hasCompiler = natives.length > 0;
const steps = ["train", "bars.inkling", "--recipe", "small.mjs", "--steps", "3", "--json"];
let cli: CommandLine;
let code: string;
let wasmWeights: string;

/** Trains without naming a back end. */
async function train(env: Readonly<Record<string, string>> = {}, out = "run") {
  const args = [...steps, "--out", out];
  const { code: status, stdout, stderr } = await cli.inkling(args, undefined, { INKLING_BACKEND: "", ...env });
  expect(status, stderr).toBe(0);
  const { weightsSha256, backend, compiler } = JSON.parse(stdout) as Record<string, string>;
  return { weightsSha256, backend, compiler, stderr };
}

/** A compiler that answers, and then does something else. */
function writeCompiler(name: string, instead: string): string {
  const path = join(cli.folder, name);
  const answer = 'case "$*" in *-dM*) exec cc "$@";; esac';
  writeFileSync(path, `#!/bin/sh\n${answer}\n${instead}\n`);
  chmodSync(path, 0o700);
  return path;
}

const libraries = () => readdirSync(code).filter((name) => name.endsWith(".node"));

beforeAll(async () => {
  cli = await commandLine();
  code = join(cli.elsewhere, "inkling", "code");
  const { stdout } = await cli.inkling([...steps, "--backend", "wasm", "--out", "wasm"]);
  wasmWeights = (JSON.parse(stdout) as { weightsSha256: string }).weightsSha256;
});
afterAll(() => cli.remove());
beforeEach(() => {
  for (const path of [code, ...["run", "other", "repaired"].map((name) => join(cli.folder, name))])
    rmSync(path, { recursive: true, force: true });
});

describe.skipIf(!hasCompiler)("native code", () => {
  it("trains where there is a compiler, to the weights of WebAssembly; the run says by which", async () => {
    const { weightsSha256, backend, compiler } = await train();
    expect({ weightsSha256, backend }).toEqual({ weightsSha256: wasmWeights, backend: "native" });
    expect(compiler).toMatch(/^(gcc|clang) \d+/);
    const { sessions } = JSON.parse(readFileSync(join(cli.folder, "run", "run.json"), "utf8"));
    expect(sessions).toEqual([expect.objectContaining({ backend: "native", compiler })]);
  });

  it("keeps what it compiled, for this user alone, and compiles again what was damaged", async () => {
    await train();
    const [name, ...others] = libraries();
    const path = join(code, name!);
    expect(others).toEqual([]);
    expect(readdirSync(code)).toEqual([name]);
    expect(statSync(code).mode & 0o777).toBe(0o700);
    const { mtimeMs, ino } = statSync(path);
    await train({}, "other");
    const again = statSync(path);
    expect(again.ino).toBe(ino);
    expect(again.mtimeMs).toBeGreaterThan(mtimeMs); // it was used
    writeFileSync(path, readFileSync(path).subarray(0, 1000));
    const { weightsSha256, backend } = await train({}, "repaired");
    expect({ weightsSha256, backend }).toEqual({ weightsSha256: wasmWeights, backend: "native" });
    expect(statSync(path).size).toBeGreaterThan(1000);
  });

  it("is compiled by two processes at once", async () => {
    const both = await Promise.all([train(), train({}, "other")]);
    for (const { weightsSha256, backend } of both)
      expect({ weightsSha256, backend }).toEqual({ weightsSha256: wasmWeights, backend: "native" });
    expect(readdirSync(code)).toEqual(libraries());
  });
});

describe("WebAssembly instead of native code", () => {
  const expectWasm = async (env: Readonly<Record<string, string>>, reason: RegExp) => {
    const { weightsSha256, backend, compiler, stderr } = await train(env);
    expect({ weightsSha256, backend, compiler }).toEqual({ weightsSha256: wasmWeights, backend: "wasm" });
    const lines = stderr.split("\n").filter((line) => line.startsWith("using WebAssembly instead of native code: "));
    expect(lines).toEqual([expect.stringMatching(reason)]);
  };

  it("where there is no compiler", async () => {
    await expectWasm(
      { PATH: join(cli.folder, "nothing") },
      /no C compiler \(cc was not found, .*\); install gcc or clang/,
    );
  });

  it.skipIf(!hasCompiler)("where the compiler fails", async () => {
    const CC = writeCompiler("failing", "echo 'x.c:1:1: error: out of luck' >&2; exit 1");
    await expectWasm({ CC }, /failing .* failed: x\.c:1:1: error: out of luck$/);
    expect(readdirSync(code)).toEqual([]);
  });

  it.skipIf(!hasCompiler)("where the compiler writes nothing", async () => {
    await expectWasm({ CC: writeCompiler("idle", "exit 0") }, /ENOENT|cannot be/);
  });

  it.skipIf(!hasCompiler)("where the library cannot be loaded", async () => {
    const CC = writeCompiler("liar", 'for a in "$@"; do last=$a; done; echo nothing > "$last"');
    await expectWasm({ CC }, /compiled code cannot be loaded: /);
  });

  it.skipIf(!hasCompiler)("where others may write to the folder of compiled code", async () => {
    mkdirSync(code, { recursive: true });
    chmodSync(code, 0o777);
    await expectWasm({}, /it is not private to this user; remove it/);
  });

  it("where it is asked for by its name, too", async () => {
    const { stdout } = await cli.inkling([...steps, "--backend", "native", "--out", "run"], undefined, {
      PATH: join(cli.folder, "nothing"),
    });
    expect(JSON.parse(stdout)).toMatchObject({ backend: "wasm", weightsSha256: wasmWeights });
  });
});

describe("inkling info", () => {
  const info = async (env: Readonly<Record<string, string>>) => {
    const { stdout } = await cli.inkling(["info", "--json"], undefined, { INKLING_BACKEND: "", ...env });
    return JSON.parse(stdout) as Record<string, unknown>;
  };

  it.skipIf(!hasCompiler)("names the compiler, the back end, and why", async () => {
    expect(await info({})).toMatchObject({
      formatVersion: 1,
      compiler: { found: true, name: expect.stringMatching(/^(gcc|clang) /) },
      backend: "native",
      reason: "there is a C compiler",
      cache: { path: join(cli.elsewhere, "inkling") },
    });
    const { stdout } = await cli.inkling(["info"], undefined, { INKLING_BACKEND: "" });
    expect(stdout).toMatch(/^trains on +native \(there is a C compiler\)/m);
  });

  it("says why it is not native code", async () => {
    const without = await info({ PATH: join(cli.folder, "nothing") });
    expect(without).toMatchObject({ backend: "wasm", compiler: { found: false } });
    expect(without["reason"]).toMatch(/no C compiler/);
    expect(await info({ INKLING_BACKEND: "interpret" })).toMatchObject({
      backend: "interpret",
      reason: "set by INKLING_BACKEND",
    });
  });
});

describe("inkling cache", () => {
  it("says what there is, and removes it", async () => {
    const datasets = join(cli.elsewhere, "inkling", "datasets");
    for (const folder of [code, datasets]) mkdirSync(join(folder, "x"), { recursive: true });
    writeFileSync(join(code, "a.node"), new Uint8Array(3000));
    writeFileSync(join(datasets, "x", "b"), new Uint8Array(5000));
    const { stdout } = await cli.inkling(["cache"]);
    expect(stdout).toContain("compiled code  3 kB in 1 file\n");
    expect(stdout).toContain("data sets      5 kB in 1 file\n");
    const cleaned = await cli.inkling(["cache", "--clean", "--json"]);
    expect(JSON.parse(cleaned.stdout)).toMatchObject({
      code: { files: 0, bytes: 0 },
      datasets: { files: 1, bytes: 5000 },
    });
    expect([existsSync(code), existsSync(datasets)]).toEqual([false, true]);
    await cli.inkling(["cache", "--clean-data"]);
    expect(existsSync(datasets)).toBe(false);
  });
});
