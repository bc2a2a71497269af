import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

/** The folders of src in the order in which data flows: imports point to the left. */
const order = [
  "base",
  "ir",
  "ops",
  "layers",
  "optimizers",
  "model",
  "compiler",
  "backends",
  "engine",
  "image",
  "pictures",
  "datasets",
  "formats",
  "sources",
  "evaluation",
  "training",
  "audit",
  "runs",
  "search",
  "browser",
  "export",
  "testing",
  "report",
  "serve",
  "studio",
  "cli",
];
/** Folders that may use less than all that is to their left. */
const only: Readonly<Record<string, readonly string[]>> = {
  compiler: ["base", "ir", "ops"],
  backends: ["base", "ir"],
  image: ["base"],
  pictures: ["base", "image"],
  datasets: ["base", "image", "pictures"],
  formats: ["base", "image", "pictures", "datasets"],
  sources: ["base", "image", "pictures", "datasets", "formats"],
};

const src = fileURLToPath(new URL("../../src/", import.meta.url));
const files = readdirSync(src, { recursive: true, encoding: "utf8" }).filter((name) => /\.tsx?$/.test(name));
const importPattern = /(?:\bfrom\s+|\bimport\s*\(?\s*)"([^"]+)"/g;
const importsOf = (file: string): readonly string[] =>
  [...readFileSync(join(src, file), "utf8").matchAll(importPattern)].map((match) => match[1]!);
const folderOf = (file: string): string => (file.includes("/") ? file.slice(0, file.indexOf("/")) : "");
const resolved = (file: string, specifier: string): string => relative(src, join(src, dirname(file), specifier));

interface Edge {
  readonly from: string;
  readonly to: string;
}
const edges: readonly Edge[] = files.flatMap((from) =>
  importsOf(from)
    .filter((specifier) => specifier.startsWith("."))
    .map((specifier) => ({ from, to: resolved(from, specifier) })),
);
const show = ({ from, to }: Edge) => `${from} imports ${to}`;
/** The entries, at the root, stand right of all folders but the command line, which uses them. */
const isEntry = (file: string) => folderOf(file) === "";

/** The code of a file, without comments and without the `reference` of an op, which only tests call; lines stay. */
const codeOf = (file: string): string =>
  readFileSync(join(src, file), "utf8").replaceAll(
    /\/\*[\s\S]*?\*\/|\/\/.*$|^ {2}reference\([\s\S]*?^ {2}\},$/gm,
    (left) => "\n".repeat(left.split("\n").length - 1),
  );

describe("the architecture", () => {
  it("has no folder that is not in the order of the data flow", () => {
    expect(
      [...new Set(files.map(folderOf).filter((folder) => folder !== ""))].filter((f) => !order.includes(f)),
    ).toEqual([]);
  });

  it("finds what each import names", () => {
    const known = new Set(files);
    // What the build makes has only its types here.
    const isKnown = (file: string) => known.has(file) || known.has(file.replace(/\.js$/, ".d.ts"));
    expect(edges.filter(({ to }) => !isKnown(to)).map(show)).toEqual([]);
  });

  it("imports from the left only", () => {
    const rank = (file: string) => (isEntry(file) ? order.indexOf("cli") - 0.5 : order.indexOf(folderOf(file)));
    expect(edges.filter(({ from, to }) => rank(to) > rank(from)).map(show)).toEqual([]);
  });

  it.each(Object.entries(only))("lets %s import %j and itself only", (folder, allowed) => {
    const wrong = edges.filter(
      ({ from, to }) => folderOf(from) === folder && ![folder, ...allowed].includes(folderOf(to)),
    );
    expect(wrong.map(show)).toEqual([]);
  });

  it("has no cycle of files", () => {
    const next = new Map(files.map((file) => [file, edges.filter((e) => e.from === file).map((e) => e.to)]));
    const done = new Set<string>();
    const visit = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) throw new Error(`a cycle: ${[...path.slice(path.indexOf(file)), file].join(" → ")}`);
      if (done.has(file)) return;
      for (const to of next.get(file) ?? []) visit(to, [...path, file]);
      done.add(file);
    };
    for (const file of files) visit(file, []);
  });

  it("loads Preact only when a page is made", () => {
    // Types are not loaded.
    const importsAtStart = (file: string): readonly string[] =>
      [
        ...readFileSync(join(src, file), "utf8").matchAll(
          /^(?:import|(?:import|export)\b(?! type\b)[^"=;]* from) "([^"]+)";/gm,
        ),
      ]
        .map((match) => match[1]!)
        .filter((specifier) => specifier.startsWith("."))
        .map((specifier) => resolved(file, specifier));
    const reached = new Set<string>();
    const visit = (file: string): void => {
      if (reached.has(file)) return;
      reached.add(file);
      importsAtStart(file).forEach(visit);
    };
    // Commands are loaded when they run, and pages by the two commands that make them.
    for (const file of files) if (isEntry(file) || folderOf(file) === "cli") visit(file);
    expect(reached.size).toBeGreaterThan(200);
    expect([...reached].filter((file) => file.endsWith(".tsx"))).toEqual([]);
    const users = files.filter((file) => importsOf(file).some((to) => to.startsWith("preact")));
    expect(users.filter((file) => !["report", "studio"].includes(folderOf(file)))).toEqual([]);
  });

  it("has all style sheets in one folder", () => {
    const rule = /\.[a-z][a-z-]* *\{ *[a-z-]+:[^;}]+[;}]|light-dark\(#/;
    const withRules = files.filter((file) => rule.test(codeOf(file)));
    expect(withRules.filter((file) => !file.startsWith("report/style/"))).toEqual([]);
    expect(withRules.length).toBeGreaterThan(1);
  });

  it("keeps Node out of what runs in a browser", () => {
    const isNode = (file: string) => /(^|\/)node\/|(^|\.)node\.ts$/.test(file) || folderOf(file) === "cli";
    const wrong = files
      .filter((file) => !isNode(file))
      .filter((file) =>
        importsOf(file).some((to) => to.startsWith("node:") || (to.startsWith(".") && isNode(resolved(file, to)))),
      );
    expect(wrong).toEqual([]);
  });

  it("uses no function whose last bits differ between engines where weights depend on it", () => {
    const inexact =
      /\bMath\.(?:exp|expm1|log|log1p|log2|log10|pow|sin|cos|tan|asin|acos|atan|atan2|sinh|cosh|tanh|asinh|acosh|atanh|cbrt|hypot)\b/;
    // A constant power of constant whole numbers is exact: 2 ** 24, x ** 2.
    const inexactPower = /\*\* (?!-?\d+\b(?!\.))/;
    const folders = [
      "ir",
      "ops",
      "layers",
      "optimizers",
      "model",
      "compiler",
      "engine",
      "training",
      "datasets",
      "search",
    ];
    /** What uses them all the same, and why that is harmless. */
    const harmless: Readonly<Record<string, string>> = {
      "datasets/duplicates/near.ts": "3 ** AXES is a power of whole numbers",
      "search/schedule.ts": "powers of whole numbers",
      "ops/winograd.ts": "whole powers of 0, ±1, ±2 and ±½, which are exact",
    };
    const uses = files
      .filter((file) => folders.includes(folderOf(file)) && !(file in harmless))
      .flatMap((file) =>
        codeOf(file)
          .split("\n")
          .flatMap((line, k) =>
            inexact.test(line) || inexactPower.test(line) ? [`${file}:${k + 1}: ${line.trim()}`] : [],
          ),
      );
    expect(uses).toEqual([]);
  });
});
