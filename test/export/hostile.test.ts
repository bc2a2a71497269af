import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compilerHere } from "../../src/backends/native/node/nativeOrWasm.ts";
import { exportC } from "../../src/export/c/exportC.ts";
import { exportCard } from "../../src/export/card/exportCard.ts";
import { exportOnnx } from "../../src/export/onnx/exportOnnx.ts";
import { importOnnx } from "../../src/export/onnx/importOnnx.ts";
import { exportPackage } from "../../src/export/package/exportPackage.ts";
import { exportWasm } from "../../src/export/wasm/exportWasm.ts";
import { openWasm } from "../../src/export/wasm/openWasm.ts";
import { network } from "../../src/index.ts";
import { dense, flatten } from "../../src/layers/index.ts";
import { hostileNames, randomFrom, randomWeights } from "./networks.ts";

const classes = [...hostileNames, ...Array.from({ length: 300 - hostileNames.length }, (_, k) => `class ${k}`)];
const model = network({ input: [2, 2, 1], classes }, [flatten(), dense(classes.length)]);
const trained = randomWeights(model, randomFrom(1));
/** Notes that could end the comment, string or front matter that they are written into. */
const about = { run: '*/ #error ??/\n---\n"</script>', license: "MIT\n*/\n---" };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "inkling-hostile-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("a WebAssembly file", () => {
  /** A module that has one custom section. */
  const moduleWith = (name: string, contents: string) => {
    const section = Buffer.concat([Buffer.of(name.length), Buffer.from(name), Buffer.from(contents)]);
    return Buffer.concat([Buffer.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0), Buffer.of(0, section.length), section]);
  };

  it("is rejected with metadata of other programs, or damaged ones", () => {
    expect(() => openWasm(moduleWith("other", "{}"))).toThrow("it has no metadata of Inkling's");
    for (const metadata of ["{", "null", "{}"])
      expect(() => openWasm(moduleWith("inkling", metadata))).toThrow(/WebAssembly file: it is damaged \(.*\); export/);
  });
});

describe("300 class names of all kinds, and notes", () => {
  it("are kept by ONNX", async () => {
    const read = importOnnx(await exportOnnx(trained, about));
    expect(read.trained.model.classes).toEqual(classes);
    expect(read).toMatchObject(about);
  });

  const compiler = compilerHere();
  it.skipIf(typeof compiler === "string")("are kept by C, up to a zero byte", async () => {
    const { files } = await exportC(trained, about);
    for (const { name, contents } of files) writeFileSync(join(folder, name), contents);
    const main = `#include "model.h"
#include <stdio.h>
int main(void) {
  for (int k = 0; k < MODEL_CLASSES; k++) { fputs(model_class_names[k], stdout); putchar(0); }
  return 0;
}
`;
    writeFileSync(join(folder, "main.c"), main);
    const sources = ["model.c", "main.c"].map((name) => join(folder, name));
    const flags = ["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-trigraphs"];
    const [command = "", ...args] = typeof compiler === "string" ? [] : compiler.command;
    const made = spawnSync(command, [...args, ...flags, ...sources, "-lm", "-o", join(folder, "names")], {
      encoding: "utf8",
    });
    expect(made.stderr).toBe("");
    const { stdout } = spawnSync(join(folder, "names"), { encoding: "utf8" });
    expect(stdout.split("\0").slice(0, -1)).toEqual(classes.map((name) => name.split("\0")[0]));
  });

  it("are kept by WebAssembly, in its memory and its metadata", async () => {
    const { bytes } = await exportWasm(trained, about);
    expect(openWasm(bytes).classifier.metadata).toMatchObject({ classes, ...about });
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
    const { buffer } = exports["memory"] as WebAssembly.Memory;
    const table = new Uint32Array(buffer, (exports["class_names"] as WebAssembly.Global).value, 600);
    const names = classes.map((_, k) =>
      new TextDecoder().decode(new Uint8Array(buffer, table[2 * k], table[2 * k + 1])),
    );
    expect(names).toEqual(classes);
  });

  it("are kept by an npm package, whose types name them", async () => {
    for (const { name, contents } of (await exportPackage(trained, about)).files)
      writeFileSync(join(folder, name), contents);
    const { labels } = await import(/* @vite-ignore */ pathToFileURL(join(folder, "index.node.js")).href);
    expect(labels).toEqual(classes);
    const program = join(folder, "program.ts");
    const uses = classes.map((name) => `labels.indexOf(${JSON.stringify(name)})`).join(", ");
    writeFileSync(program, `import { labels } from "./index.js";\nexport default [${uses}];\n`);
    const compile = join(import.meta.dirname, "../../node_modules/typescript/bin/tsc");
    const options = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2023", "--types", ""];
    expect(spawnSync(process.execPath, [compile, ...options, program], { cwd: folder, encoding: "utf8" }).stdout).toBe(
      "",
    );
  });

  it("are plain text in a model card", async () => {
    const confusion = classes.map((_, k) => classes.map((_, answer) => (k === answer ? 2 : 0)));
    const score = { accuracy: 1, interval: [0.9, 1], count: 600, loss: 0.1, confusion } as const;
    const config = { data: { source: "a|b\n---", fingerprint: "0" }, split: {}, seed: 1, steps: 1 } as never;
    const history = { config, weights: "last", steps: 1, arithmetic: "fma", test: score } as const;
    const card = await exportCard(trained, { ...about, history });
    const [, front, rest] = card.split(/^---$/m);
    expect(front).toMatch(/^\nlicense: "mit\\n\*\/\\n---"\n/);
    expect(rest).not.toContain("<!--");
    expect(rest).not.toContain("</script>");
    const rows = rest!.split("\n").filter((line) => line.startsWith("| "));
    expect(rows.length).toBe(2 + classes.length);
    for (const row of rows) expect(row.replaceAll(/\\./g, "").split("|")).toHaveLength(7);
  });
});
