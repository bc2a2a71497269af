import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import * as valibot from "valibot";
import { transformWithOxc } from "vite";
import { describe, expect, it } from "vitest";
import * as extend from "../../src/extend.ts";
import { formats } from "../../src/formats/formats.ts";
import * as inkling from "../../src/index.ts";
import * as ir from "../../src/ir.ts";
import { initializerTypes, layerTypes } from "../../src/layers/index.ts";
import * as node from "../../src/node.ts";
import { optimizerTypes, scheduleTypes } from "../../src/optimizers/index.ts";
import * as testing from "../../src/testing/index.ts";
import { loadedProgram } from "../cli/program.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const files = [
  ...["README.md", "CONTRIBUTING.md"],
  ...readdirSync(join(root, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];
const textOf = (file: string): string => readFileSync(join(root, file), "utf8");
const matches = (text: string, pattern: RegExp): readonly string[] => [...text.matchAll(pattern)].map((m) => m[1]!);

/** What stands between fences of a language. */
const blocks = (text: string, language: string): readonly string[] =>
  matches(text, new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, "gm"));
const withoutBlocks = (text: string): string => text.replaceAll(/^```[\s\S]*?^```$/gm, "");
const inlineCode = (text: string): readonly string[] => matches(withoutBlocks(text), /`([^`]+)`/g);

/** The name by which a heading is linked to, as GitHub makes it. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");
const anchorsOf = (text: string): readonly string[] => matches(withoutBlocks(text), /^#+ (.+)$/gm).map(anchorOf);

describe.each(files)("%s", (file) => {
  const text = textOf(file);

  it("links to what is there", () => {
    const links = matches(withoutBlocks(text), /\]\(([^)\s]+)\)/g).filter((link) => !/^[a-z]+:/.test(link));
    const broken = links.filter((link) => {
      const [path = "", anchor] = link.split("#");
      const target = path === "" ? file : relative(root, join(root, dirname(file), path));
      if (!existsSync(join(root, target))) return true;
      return anchor !== undefined && !anchorsOf(textOf(target)).includes(anchor);
    });
    expect(broken).toEqual([]);
  });

  it("has nothing left of a merge", () => {
    expect(text.match(/^([<>|=] ?){7}( .*)?$/gm)).toBeNull();
  });

  it("names files of the project that are there", () => {
    const paths = inlineCode(text).filter((code) => /^(src|test|data|docs|tools)\/[\w./-]+$/.test(code));
    expect(paths.filter((path) => !/NAME/.test(path) && !existsSync(join(root, path)))).toEqual([]);
  });

  it("shows commands and options that there are", async () => {
    const program = await loadedProgram();
    const shown = [
      ...blocks(text, "sh").flatMap((block) => block.replaceAll("\\\n", " ").split("\n")),
      ...inlineCode(text),
    ];
    const lines = shown
      .filter((line) => /^\s*npx inkling /.test(line))
      .map((line) => line.trim().replace(/\s+#.*$/, ""));
    expect(lines.flatMap((line) => problemsOf(line, program))).toEqual([]);

    const known = new Set(
      withThoseBelow(program)
        .flatMap(({ options }) => options.map(({ long }) => long))
        .concat("--help"),
    );
    const words = inlineCode(text).filter((code) => code.startsWith("--"));
    expect(words.flatMap((code) => matches(code, /(--[a-z][a-z-]*)/g)).filter((option) => !known.has(option))).toEqual(
      [],
    );
  });

  it("has npm scripts that there are", () => {
    const { scripts } = JSON.parse(textOf("package.json")) as { scripts: Record<string, string> };
    const named = matches(text, /npm run (?:--silent )?([\w:]+)/g);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });
});

/** A command and all below it. */
const withThoseBelow = (command: Command): readonly Command[] => [command, ...command.commands.flatMap(withThoseBelow)];

/** The command that the first words name; they are taken away. */
function commandOf(words: string[], from: Command): Command {
  const below = from.commands.find((command) => command.name() === words[0]);
  if (!below) return from;
  words.shift();
  return commandOf(words, below);
}

/** What is wrong with a line such as `npx inkling train letters --steps 3`. */
function problemsOf(line: string, program: Command): readonly string[] {
  const words = line.split(/\s+/).slice(2);
  const command = commandOf(words, program);
  if (command === program) return [`${line}: no command ${words[0]}`];
  const problems: string[] = [];
  let positions = 0;
  for (let k = 0; k < words.length; k++) {
    const word = words[k]!;
    if (word === "--help") continue;
    if (!word.startsWith("--")) {
      positions++;
      continue;
    }
    const option = command.options.find(({ long }) => long === word);
    if (!option) problems.push(`${line}: no option ${word}`);
    else if (option.required) {
      const value = words[++k];
      if (value === undefined || value.startsWith("--")) problems.push(`${line}: ${word} has no value`);
      else if (!value.startsWith("$")) option.parseArg?.(value, undefined);
    }
  }
  const { registeredArguments: all } = command;
  if (positions > all.length && !all.at(-1)?.variadic) problems.push(`${line}: too many arguments`);
  return problems;
}

/** The formats before a program of the docs adds its own. */
const builtInFormats = [...formats];

const AsyncFunction = (async () => {}).constructor as new (
  ...code: string[]
) => (...values: unknown[]) => Promise<void>;

/** What the programs of the docs may import. */
const modules: Readonly<Record<string, object>> = {
  inkling,
  "inkling/node": node,
  "inkling/extend": extend,
  "inkling/ir": ir,
  "inkling/testing": testing,
  valibot,
};

/** A program of the docs as a function of its modules and a console; it trains 3 steps at most. */
function functionOf(program: string) {
  const body = program
    .replaceAll(/import \{([^}]*)\} from "([\w/]+)";/g, 'const {$1} = modules["$2"];')
    .replaceAll(/import \* as (\w+) from "([\w/]+)";/g, 'const $1 = modules["$2"];')
    .replaceAll(/^export const/gm, "const")
    .replaceAll(" as const", "")
    .replaceAll(/steps: \d+/g, "steps: 3");
  return new AsyncFunction("modules", "console", body);
}

describe("the programs in the docs", () => {
  const programs = files.flatMap((file) =>
    blocks(textOf(file), "ts").map((program, k) => [`${file} ${k + 1}`, program] as const),
  );

  it.each(programs)("run: %s", async (_, typed) => {
    const { code: program } = await transformWithOxc(typed, "program.ts");
    const printed: unknown[][] = [];
    await functionOf(program)(modules, { log: (...values: unknown[]) => printed.push(values) });
    if (program.includes("console.log")) expect(printed).not.toEqual([]);
    for (const [, names, from] of program.matchAll(/import \{([^}]*)\} from "([\w/]+)"/g))
      for (const name of matches(names!, /(\w+)/g)) expect(modules[from!]).toHaveProperty(name);
  });

  it("train and predict in the README", () => {
    expect(blocks(textOf("README.md"), "ts").join()).toMatch(/train\([\s\S]*predict\(/);
  });

  it("are typed: those of extending.md compile with the settings of this project", () => {
    const folder = join(root, "node_modules", ".cache", "inkling-docs");
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const entry = (name: string) => [join(root, "src", name)];
    const paths = {
      inkling: entry("index.node.ts"),
      "inkling/node": entry("node.ts"),
      "inkling/extend": entry("extend.ts"),
      "inkling/ir": entry("ir.ts"),
      "inkling/testing": entry("testing.node.ts"),
    };
    const settings = {
      extends: join(root, "tsconfig.json"),
      compilerOptions: { paths },
      include: ["*.ts"],
      exclude: [],
    };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(settings));
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    const samples = blocks(textOf("docs/extending.md"), "ts");
    for (const [k, sample] of samples.entries()) writeFileSync(join(folder, `sample${k + 1}.ts`), sample);
    const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
    const { stdout } = spawnSync(process.execPath, [compiler, "-p", folder], { encoding: "utf8" });
    rmSync(folder, { recursive: true });
    expect(stdout).toBe("");
  });
});

describe("the lists in the docs", () => {
  const named = (file: string) => new Set(inlineCode(textOf(file)));

  it("have every layer, initializer, optimizer and schedule", () => {
    // These are written by other functions: sgd with a momentum, and constantRate.
    const functions: Readonly<Record<string, string>> = { momentum: "sgd" };
    const types = [...layerTypes, ...initializerTypes, ...optimizerTypes].map(({ type }) => functions[type] ?? type);
    const rates = [...scheduleTypes.map(({ type }) => (type === "constant" ? "constantRate" : type)), "warmup"];
    const names = named("docs/recipes.md");
    expect([...types, ...rates].filter((name) => !names.has(name))).toEqual([]);
  });

  it("have the file names of every data format", () => {
    const text = textOf("docs/data.md");
    expect(
      builtInFormats.filter(({ extensions }) => !extensions.every((end) => text.includes(end))).map(({ id }) => id),
    ).toEqual([]);
  });
});
