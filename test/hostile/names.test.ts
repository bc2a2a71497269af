import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { printable, printableJson, quotation } from "../../src/base/printable.ts";
import { readPicture } from "../../src/cli/predict/pictures.ts";
import { createTerminal } from "../../src/cli/terminal.ts";
import { reportDataset } from "../../src/datasets/report.ts";
import { exportCard } from "../../src/export/card/exportCard.ts";
import { readCsvFileList, readJsonFileList, writeFileList } from "../../src/formats/listLines.ts";
import { network, parseModel } from "../../src/index.ts";
import { dense, flatten } from "../../src/layers/index.ts";
import { describeReport } from "../../src/report/describeReport.ts";
import { drawModel } from "../../src/report/drawModel.ts";
import { inspectPage } from "../../src/report/pages/inspectPage.tsx";
import { randomFrom, randomWeights } from "../export/networks.ts";
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

describe("names that attack what shows them", () => {
  const attacks = ["\x1b[2J\u202egnp.exe", "<script>alert(1)</script>", `"a', b`, "=cmd|' /C calc'!A0", "*/ #error"];
  const data = { ...bars(60, { classes: attacks.length }), classNames: attacks };
  const isSafe = (text: string) => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
    expect(text).not.toMatch(/[\x00-\x08\x0b\x0c\x0e-\x1f\u202e]/);
    expect(text.replace(/^images {7}.*/s, "")).not.toContain("<script>alert"); // a terminal runs none
  };

  it("are harmless in the terminal, in pages, drawings and cards", async () => {
    const report = await reportDataset(data);
    const written: string[] = [];
    const { write } = process.stdout;
    process.stdout.write = (text) => written.push(String(text)) > 0;
    try {
      for (const line of describeReport(report, undefined, undefined)) createTerminal().out(line);
    } finally {
      process.stdout.write = write;
    }
    expect(written.join("")).toContain("\\x1b[2J\\u{202e}gnp.exe");
    isSafe(written.join(""));
    isSafe(inspectPage({ source: attacks[0]!, dataset: data, report }));
    const model = network({ input: [8, 8, 1], classes: attacks }, [flatten(), dense(attacks.length)]);
    isSafe(drawModel(model));
    isSafe(await exportCard(randomWeights(model, randomFrom(1))));
  });

  it("are harmless in JSON that is printed, and the same in it and in lists of files; ONNX and C: see test/export", async () => {
    const names = [...attacks, "\x9b2J\u2066\u2028!"];
    const json = printableJson({ names });
    isSafe(json.replaceAll("<script>", "")); // a terminal runs none
    expect(json).not.toMatch(/[\x7f-\x9f\u2028\u2066]/);
    expect(JSON.parse(json)).toEqual({ names });
    const listed = names.map((label, k) => ({ file: `${label}/${k}.png`, label }));
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
});
