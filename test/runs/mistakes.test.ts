import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ErrorCode, errorCodes } from "../../src/index.ts";
import { type CommandLine, commandLine } from "./cli.ts";
import { dataMistakes } from "./dataMistakes.ts";
import { type Mistake, mistakes } from "./mistakes.ts";

let cli: CommandLine;
beforeAll(async () => {
  cli = await commandLine();
});
afterAll(() => cli.remove());

/** The exit code of a command that fails with an error's code. */
const exitCodes: Partial<Record<ErrorCode, number>> = { INVALID_ARGUMENT: 2, ABORTED: 130 };

async function meet({ command, prepare, interrupt }: Mistake) {
  const restore = await prepare?.(cli);
  let pressed = false;
  const ended = await cli.inkling(command, (child) => {
    if (!interrupt) return;
    child.stdout!.on("data", (chunk) => {
      if (pressed || !String(chunk).includes("Validation accuracy")) return;
      pressed = true;
      child.kill("SIGINT");
    });
  });
  if (typeof restore === "function") await restore();
  return ended;
}

/** What a command printed, without what is not the same each time, and without a training's usual lines. */
const settled = (text: string): string =>
  text
    .replaceAll(cli.folder, "…")
    .replaceAll(/process \d+/g, "process 1234")
    // What zlib compresses to is not the same in every version of Node.
    .replaceAll(/[\d,]+ bytes\nsha256 {2}\w+/g, "1,000 bytes\nsha256  0123…")
    .replaceAll(/after \d+ of/g, "after 5000 of")
    .replaceAll(/-?[\d.e-]+ was saved, -?[\d.e-]+ came/g, "0.1 was saved, 0.2 came")
    .replaceAll(/header has \d+ bytes/g, "header has 3000 bytes")
    .replaceAll(/to (\d+) of \d+; it is damaged/g, "to $1 of 1000; it is damaged")
    .replaceAll(/known are (\w+), .*/g, "known are $1, …")
    .replaceAll(/checkpoint-\d+|checkpoint of step \d+/g, (found) => found.replace(/\d+/, "N"))
    .split("\n")
    .filter((line) => line !== "" && !/^(Training|Validation|Test|Minibatch|Going on)|images\/s/.test(line))
    .join("<br>");
const cell = (text: string): string => text.replaceAll("|", "\\|");

/** What mistakes print. */
async function tableOf(all: readonly Mistake[]): Promise<readonly string[]> {
  const rows = ["| What | Command | What it prints | Exit code |", "| --- | --- | --- | --- |"];
  for (const mistake of all) {
    const { stdout, stderr, code } = await meet(mistake);
    expect(`${stdout}${stderr}`).not.toMatch(/unexpected error|\n\s+at /);
    const printed = settled(`${stdout}${stderr}`);
    rows.push(`| ${mistake.what} | \`inkling ${mistake.command.join(" ")}\` | ${cell(printed)} | ${code} |`);
  }
  return rows;
}

const INTRODUCTION = `# Errors

Whatever goes wrong with something that a person can mend, the library throws an \`InklingError\`: a stable \`code\`, and a
message that says what, where and what to do. The command line prints the message and ends with the exit code. Exit code 1
with "unexpected error" is a fault of Inkling's; \`INKLING_DEBUG=1\` shows where it happened.

This page is made by \`npx vitest run test/runs/mistakes.test.ts -u\`, from the codes in
[src/base/error.ts](../src/base/error.ts) and by running every command below; that test fails where it is not up to date.`;

const FULL_DISK = `A full disk stops a run with exit code 1, and takes nothing of what was saved: \`runs/x/checkpoint-400.safetensors cannot be
written: the disk is full; the run is safe up to step 300: mend that, then go on with: inkling train --resume runs/x\`.`;

describe("docs/errors.md", () => {
  it("says what each code means, and what each mistake prints", async () => {
    const codes = Object.entries(errorCodes).map(
      ([code, meaning]) => `| \`${code}\` | ${meaning} | ${exitCodes[code as ErrorCode] ?? 1} |`,
    );
    const [met, metInData] = [await tableOf(mistakes), await tableOf(dataMistakes)];
    const page = [
      ...[INTRODUCTION, "", "## Codes", "", "| Code | Meaning | Exit code |", "| --- | --- | --- |", ...codes],
      ...["", "## Mistakes", "", "Here `bars.inkling` and `others.inkling` are data sets, `small.mjs` is a recipe."],
      ...["", ...met, "", FULL_DISK],
      ...[
        "",
        "## Mistakes in data sets and pictures",
        "",
        "Here `base` is a run on `bars.inkling`.",
        "",
        ...metInData,
        "",
      ],
    ];
    await expect(page.join("\n")).toMatchFileSnapshot("../../docs/errors.md");
  }, 300_000);
});
