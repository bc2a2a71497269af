import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createContext, runInContext } from "node:vm";
import { publint } from "publint";
import { build, type Rolldown } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Packed } from "./packed.ts";
import { nodeProgram, pageProgram } from "./programs.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
let packed: Packed;
beforeAll(() => {
  packed = new Packed();
  packed.install();
}, 180_000);
afterAll(() => packed?.remove());

describe("the package", () => {
  it("is found right by publint", async () => {
    const { messages } = await publint({ pkgDir: packed.source, strict: true });
    expect(messages).toEqual([]);
  });

  it("has types that are found as its code is", () => {
    const attw = join(root, "node_modules", "@arethetypeswrong", "cli", "dist", "index.js");
    const { status, stdout } = spawnSync(
      process.execPath,
      [attw, packed.tarball, "--profile", "esm-only", "--no-color", "--exclude-entrypoints", "./data/letters.inkling"],
      {
        encoding: "utf8",
      },
    );
    expect(status, stdout).toBe(0);
  });

  it("runs the program of the design in Node from an empty project", () => {
    packed.write("program.js", nodeProgram(11));
    const output = execFileSync(process.execPath, ["program.js"], { cwd: packed.project, encoding: "utf8" });
    const lines = output.trimEnd().split("\n");
    expect(lines.slice(0, -1)).toEqual(
      ["0", "10"].map((step) => expect.stringMatching(new RegExp(`^${step} 0\\.\\d+$`))),
    );
    const letter = JSON.parse(lines.at(-1)!);
    expect(letter).toEqual({
      label: expect.stringMatching(/^[A-J]$/),
      probability: expect.any(Number),
      ranking: expect.any(Array),
    });
    expect(letter.ranking).toHaveLength(10);
  });

  it("runs nothing when it is installed, and has no maps of sources that it does not bring", () => {
    const { scripts } = JSON.parse(readFileSync(join(packed.source, "package.json"), "utf8"));
    for (const name of ["preinstall", "install", "postinstall", "prepublish", "preprepare", "prepare", "postprepare"])
      expect(scripts).not.toHaveProperty(name);
    const installed = join(packed.project, "node_modules", "inkling");
    const names = readdirSync(installed, { recursive: true, encoding: "utf8" });
    expect(names.filter((name) => name.endsWith(".map"))).toEqual([]);
    expect(readFileSync(join(installed, "dist", "bundle", "index.js"), "utf8")).not.toContain("sourceMappingURL");
  });

  it("has under 4 MB unpacked beside its letters and what pages load as it is, and of that under 2.4 MB", () => {
    const installed = join(packed.project, "node_modules", "inkling");
    const names = readdirSync(installed, { recursive: true, encoding: "utf8" });
    const files = names.map((name) => ({ name, stat: statSync(join(installed, name)) }));
    const sizeOf = (some: typeof files) => some.reduce((sum, { stat }) => sum + (stat.isFile() ? stat.size : 0), 0);
    const isForPages = ({ name }: { readonly name: string }) => /^dist.(standalone|studio.page)./.test(name);
    const others = files.filter((file) => file.name !== join("data", "letters.inkling") && !isForPages(file));
    expect(sizeOf(others)).toBeLessThan(4e6);
    expect(sizeOf(files.filter(isForPages))).toBeLessThan(2.4e6);
  });

  it("has what Node does better when it is bundled with a program for Node", async () => {
    packed.write("bundled.js", 'import { openDataset, train } from "inkling"; globalThis.used = [openDataset, train];');
    const ssr = { noExternal: ["inkling"] };
    const options = { root: packed.project, configFile: false, logLevel: "error", ssr } as const;
    const built = await build({ ...options, build: { ssr: "bundled.js", write: false } });
    const { output } = built as Rolldown.RolldownOutput;
    const code = output.map((file) => (file.type === "chunk" ? file.code : "")).join("\n");
    for (const registered of ['"native", nativeOrWasm', "new Worker", "createGunzip"])
      expect(code).toContain(registered);
  });

  it("has its command", () => {
    const installed = join(packed.project, "node_modules", "inkling");
    const { bin } = JSON.parse(readFileSync(join(installed, "package.json"), "utf8")) as { bin: { inkling: string } };
    const command = join(installed, bin.inkling);
    expect(execFileSync(process.execPath, [command, "--version"], { encoding: "utf8" })).toMatch(/^\d+\.\d+\.\d+/);
  });
});

describe("the package in a page", () => {
  let code = "";
  beforeAll(async () => {
    packed.write("page.js", pageProgram);
    await build({
      root: packed.project,
      configFile: false,
      logLevel: "error",
      build: {
        outDir: "page",
        minify: false,
        target: "es2023",
        lib: { entry: "page.js", formats: ["es"], fileName: "page" },
        // One script: what is loaded when needed is not a separate module here.
        rolldownOptions: { output: { codeSplitting: false } },
      },
    });
    const folder = join(packed.project, "page");
    code = readdirSync(folder)
      .filter((name) => /\.m?js$/.test(name))
      .map((name) => readFileSync(join(folder, name), "utf8"))
      .join("\n");
  });

  it("has nothing of Node's in it", () => {
    expect(code.length).toBeGreaterThan(10_000);
    // Comments of packages mention it.
    const statements = code.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
    for (const foreign of [/["'`]node:/, /__vite-browser-external/, /\brequire\(/, /\bprocess\./, /\bBuffer\b/, /napi/])
      expect(statements).not.toMatch(foreign);
  });

  it("trains and predicts with what a browser has, and nothing else", async () => {
    const { crypto, performance, TextDecoder, TextEncoder, setTimeout, MessageChannel } = globalThis;
    const page = createContext({ crypto, performance, TextDecoder, TextEncoder, setTimeout, MessageChannel });
    // A script has no import.meta, of which only the address of a Web Worker is made.
    await runInContext(`(async () => {${code.replaceAll("import.meta.url", '"page.js"')}})()`, page);
    expect({ ...page["answer"], ranking: undefined }).toEqual(
      expect.objectContaining({ label: "down", preparation: expect.objectContaining({ background: "dark" }) }),
    );
  });
});
