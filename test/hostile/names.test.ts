import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { printable, printableJson, quotation } from "../../src/base/printable.ts";
import { readPicture } from "../../src/cli/predict/pictures.ts";
import { exportC } from "../../src/export/c/exportC.ts";
import { importOnnx } from "../../src/export/onnx/importOnnx.ts";
import { exportPackage } from "../../src/export/package/exportPackage.ts";
import { exportWasm } from "../../src/export/wasm/exportWasm.ts";
import { openWasm } from "../../src/export/wasm/openWasm.ts";
import { readCsvFileList, readJsonFileList, writeFileList } from "../../src/formats/listLines.ts";
import { encodePng } from "../../src/image/encodePng.ts";
import { network, parseModel } from "../../src/index.ts";
import { dense, flatten } from "../../src/layers/index.ts";
import { openRun, savePack } from "../../src/node.ts";
import { evaluatePage } from "../../src/report/pages/evaluate/evaluatePage.tsx";
import { encodeEntry, type JournalEntry } from "../../src/search/journal.ts";
import { choice, parseSpace } from "../../src/training/space/parameter.ts";
import { runCommand } from "../cli/program.ts";
import { randomFrom, randomWeights } from "../export/networks.ts";
import { evaluationOf } from "../report/evaluation.ts";
import { definition } from "../search/tinyStudy.ts";
import { appWith, pictures } from "../serve/server.ts";
import { bars } from "../training/data.ts";

it("text from files cannot move the cursor, or change the direction of text", () => {
  expect(printable("a\x1b[2Jb\u202egnp.exe\u2069é")).toBe("a\\x1b[2Jb\\u{202e}gnp.exe\\u{2069}é");
});

it("quotations are cut and escaped", () => {
  expect(quotation("x".repeat(81))).toBe(`${"x".repeat(80)}…`);
  const long = "y".repeat(1_000_000);
  const thrown = (json: object): string => {
    try {
      parseModel(json);
    } catch (error) {
      return (error as Error).message;
    }
    return "";
  };
  for (const message of [
    thrown({ formatVersion: 1, input: long, classes: ["a", "b"], layers: [] }),
    thrown({
      formatVersion: 1,
      input: [8, 8, 1],
      classes: ["a", "b"],
      layers: [{ type: "flatten" }],
      [`\u202e${long}`]: 1,
    }),
  ]) {
    expect(message).toContain("…");
    expect(message.length).toBeLessThan(600);
    expect(message).not.toContain("\u202e");
  }
});

it.skipIf(!existsSync("/dev/zero"))("a device is not read as a picture", async () => {
  await expect(readPicture("/dev/zero")).rejects.toThrow(
    "it is a device, a pipe or a socket, expected a file; copy what it gives to a file",
  );
});

/** Names of classes, files and runs that attack whatever shows them. */
const attacks = [
  ...["\x1b[2J\u202egnp.exe", "<script>alert(1)</script>", '" onload="alert(1)', "' onload='alert(1)", "</title><!--"],
  ...["=cmd|' /C calc'!A0", '*/ #error ??/ "', "\\u0022 %s `x`", "\x9b2J\u2066\u2028!", "__proto__", "constructor"],
];

/** The journal of a study whose names, and the values of whose parameter, attack. */
function studyOfAttacks(): string {
  const space = parseSpace({ size: choice(...attacks) });
  const [recipe, source] = [attacks[1]!, attacks[0]!];
  const pruning = { type: "none", factor: 3, comparisons: 1 };
  const entries: readonly JournalEntry[] = [
    { type: "study", name: attacks[0]!, maximize: true },
    { type: "note", key: "definition", value: { ...definition, space, pruning } },
    { type: "note", key: "training", value: { recipe, origin: { source }, overrides: {}, backend: attacks[2] } },
    { type: "note", key: "trials", value: 2 },
    ...[0, 1].flatMap((trial): readonly JournalEntry[] => [
      { type: "trial", trial, parameters: { size: attacks[trial]! }, time: attacks[1]! },
      { type: "score", trial, rung: 0, steps: 3, score: trial, weightsSha256: attacks[1]!, seconds: 1 },
    ]),
  ];
  return entries.map((entry) => encodeEntry(entry, space)).join("");
}

/** One test of all outputs: what commands print and write, in every form, what a server answers, what the library returns. */
describe("names that attack what shows them", () => {
  let root = "";
  const written = { stdout: "", stderr: "" };
  const inkling = async (line: string): Promise<void> => {
    await runCommand(line.split(" ").map((word) => word.replace("@run", join(root, RUN)).replace("@", `${root}/`)));
  };
  /** A folder whose name attacks, as far as a file system lets it. */
  const RUN = "\x1b[2J<script>alert(1)<\u202e'\"";

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), "inkling-names-"));
    const shown = bars(4 * attacks.length, { classes: 2 });
    const labels = Uint16Array.from({ length: 4 * attacks.length }, (_, n) => n % attacks.length);
    const names = Array.from(labels, (label, n) => `${attacks[label]!.replaceAll("/", "")}/${n}${attacks[0]}.png`);
    await savePack({ ...shown, labels, names, classNames: attacks }, join(root, "data.inkling"));
    const others = bars(4 * attacks.length, { classes: 2, stream: 1 });
    await savePack({ ...others, labels, names, classNames: attacks }, join(root, "other.inkling"));
    const model = network({ input: [8, 8, 1], classes: attacks }, [flatten(), dense(attacks.length)]);
    writeFileSync(join(root, "model.json"), JSON.stringify(model));
    writeFileSync(
      join(root, `${attacks[1]!.replaceAll("/", "")}.png`),
      encodePng(shown.images.subarray(0, 64), [8, 8, 1]),
    );
    writeFileSync(
      join(root, "slices.csv"),
      `file,${attacks[1]}\n${names.map((name) => `"${name.replaceAll('"', '""')}",x`).join("\n")}\n`,
    );
    mkdirSync(join(root, "study"));
    writeFileSync(join(root, "study", "journal.jsonl"), studyOfAttacks());
    for (const name of ["stdout", "stderr"] as const)
      vi.spyOn(process[name], "write").mockImplementation((text) => (written[name] += String(text)).length > 0);
    await inkling("train @data.inkling --recipe @model.json --steps 4 --batch-size 8 --out @run");
  });
  afterAll(() => {
    vi.restoreAllMocks();
    rmSync(root, { recursive: true });
  });

  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
  const control = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u202a-\u202e\u2066-\u2069]/;
  const isPlain = (text: string) => expect(control.exec(text)?.[0]).toBe(undefined);
  /** Tags without the values of their attributes. */
  const tagsOf = (text: string) =>
    (text.match(/<[^<]*/g) ?? []).map((tag) => tag.replaceAll(/"[^"]*"/g, '""').split(">")[0]!);
  const isMarkup = (text: string) => {
    isPlain(text);
    expect(text.indexOf("<script>alert")).toBe(-1);
    expect(tagsOf(text).filter((tag) => /onload|^<!--/.test(tag))).toEqual([]);
  };
  /** Checks of a file, by its form. */
  const check: Readonly<Record<string, (text: string) => void>> = {
    html: isMarkup,
    svg: isMarkup,
    json: (text) => void JSON.parse(text),
    md(text) {
      isPlain(text);
      const shown = text.replaceAll(/^(```|---)[\s\S]*?^\1/gm, "");
      expect(/.*(<script>|<!--).*/.exec(shown)?.[0]).toBe(undefined);
    },
  };

  it.each([
    ["data inspect @data.inkling --html @x.html --json", true],
    ["data inspect @data.inkling", true],
    ["data audit @data.inkling --recipe @model.json --folds 2 --epochs 1 --html @x.html --out @x.json --json", false],
    ["data export @data.inkling @pixels.csv", false],
    ["evaluate @run --metadata @slices.csv --json", true],
    ["predict @run @<script>alert(1)<script>.png --json", true],
    ["predict @run @<script>alert(1)<script>.png", false],
    ["compare @run @run/model.safetensors @other.inkling --html @x.html", false],
    ["runs @ --html @x.html", false],
    ["model @model.json --svg @x.svg", false],
    ["search @study --html @x.html", false],
    ["export @run @x.onnx", false],
    ["export @run @x.md", false],
  ])("are harmless in what inkling %s prints and writes", async (line, isNamed) => {
    written.stdout = "";
    written.stderr = "";
    const before = new Set(readdirSync(root, { recursive: true, encoding: "utf8" }));
    await inkling(line);
    isPlain(written.stderr);
    isPlain(written.stdout);
    if (isNamed) expect(written.stdout).toContain("gnp.exe");
    if (line.endsWith("--json")) JSON.parse(written.stdout.trim().split("\n").at(-1)!);
    for (const name of readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) => !before.has(name))) {
      const kind = name.split(".").at(-1)!;
      if (statSync(join(root, name)).isFile()) check[kind]?.(readFileSync(join(root, name), "utf8"));
    }
    for (const name of ["x.html", "x.json"]) rmSync(join(root, name), { force: true });
  });

  it("are harmless in sources and packages, and the same again", async () => {
    const { trained } = await openRun(join(root, RUN));
    const about = { run: RUN, license: attacks[6]! };
    const files = [...(await exportC(trained, about)).files, ...(await exportPackage(trained, about)).files];
    for (const { name, contents } of files)
      if (typeof contents === "string") (check[name.split(".").at(-1)!] ?? isPlain)(contents);
    const metadata = openWasm((await exportWasm(trained, about)).bytes).classifier.metadata;
    expect(metadata).toMatchObject({ classes: attacks, ...about });
  });

  it("are harmless in the page of an evaluation", () => {
    const data = bars(4 * attacks.length, { classes: attacks.length });
    const names = Array.from(data.labels, (label) => attacks[label]!);
    isMarkup(evaluatePage(evaluationOf({ ...data, names, classNames: attacks }, attacks[1]!)));
  });

  it("are the same again in ONNX, in JSON and in lists of files", async () => {
    expect((await importOnnx(readFileSync(join(root, "x.onnx")))).trained.model.classes).toEqual(attacks);
    expect(JSON.parse(printableJson({ attacks }))).toEqual({ attacks });
    isPlain(printableJson({ attacks }));
    const listed = attacks.map((label, k) => ({ file: `${label}/${k}.png`, label }));
    for (const [format, read] of [
      ["csv", readCsvFileList],
      ["jsonl", readJsonFileList],
    ] as const) {
      async function* pieces() {
        for (const piece of writeFileList(listed, format)) yield Buffer.from(piece);
      }
      const found: object[] = [];
      for await (const { file, label } of read(pieces(), "names").files) found.push({ file, label });
      expect(found).toEqual(listed);
    }
  });

  it("are harmless in what a server answers", async () => {
    const model = network({ input: [8, 8, 1], classes: attacks }, [flatten(), dense(attacks.length)]);
    const { app } = appWith({ models: new Map([["first", randomWeights(model, randomFrom(1))]]) });
    const form = new FormData();
    form.append("a", new Blob([pictures[0]!], { type: "image/png" }), attacks[1]!);
    const headers = { Host: "localhost:8000" };
    for (const request of [
      { path: "/" },
      { path: "/v1/models" },
      { path: "/openapi.json" },
      { path: "/metrics" },
      { path: "/v1/predict", method: "POST", body: form },
      { path: `/v1/models/${encodeURIComponent(attacks[1]!)}/predict`, method: "POST", body: pictures[0]! },
    ] as const) {
      const { path, ...init } = request;
      const response = await app.request(path, {
        ...init,
        headers: {
          ...headers,
          ...("body" in init && !(init.body instanceof FormData) && { "Content-Type": "image/png" }),
        },
      });
      const text = await response.text();
      const type = response.headers.get("Content-Type")!;
      if (type.includes("html")) check["html"]!(text);
      else if (type.includes("json")) JSON.parse(text);
      else isPlain(text);
    }
  });
});
