import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { addCommands, withoutHelpCommand } from "../../src/cli/commands.ts";
import { listed } from "./program.ts";

describe("the list of commands", () => {
  it.each(listed)("says of $path how it is called", async ({ entry }) => {
    const command = new Command(entry.name);
    (await entry.load())(command);
    expect(entry.usage).toBe(command.usage());
  });

  /** What commander writes. */
  async function written(...args: readonly string[]): Promise<string> {
    const lines: string[] = [];
    const program = new Command("inkling").exitOverride().configureOutput({ writeOut: (text) => lines.push(text) });
    addCommands(program);
    await program.parseAsync(withoutHelpCommand(args), { from: "user" }).catch(() => {});
    return lines.join("");
  }

  it.each(listed)("has an example in the help of $path", async ({ path }) => {
    expect(await written(...path, "--help")).toMatch(
      new RegExp(`\\nExamples?:\\n {2}(.* \\| )?inkling ${path.join(" ")}`),
    );
  });

  it("lists the options of train in groups", async () => {
    const help = await written("train", "--help");
    const groups = ["Recipe", "Training", "Data", "Validation", "Machine", "Run", "Options"];
    expect(help.match(/^[A-Z][a-z]+:$/gm)).toEqual(["Arguments:", ...groups.map((name) => `${name}:`), "Examples:"]);
    expect(help).toMatch(/^Machine:\n(.*\n)*? {2}--tune /m);
    expect(help).toMatch(/^Run:\n(.*\n)*? {2}--log <form>/m);
    expect(help.replaceAll(/\s+/g, " ")).toContain("(default: accuracy; choices: accuracy, loss)");
    expect(help.replaceAll(/\s+/g, " ")).not.toMatch(/\) \(choices|default: default/);
  });

  it("shows commands with what they are called with, and those below a group", async () => {
    const help = await written("--help");
    expect(help).toMatch(/^ {2}predict \[options\] <model> <image...> /m);
    expect(help).toMatch(/^ {2}data {2,}fetch, inspect/m);
    expect(help).toMatch(/^ {2}help \[command\] /m);
    expect(await written("data", "--help")).toMatch(/^ {2}pack \[options\] <source> <file> /m);
  });

  it.each([
    [
      ["predict", "--help"],
      ["help", "predict"],
      /^Usage: inkling predict \[options\] <model> <image...>[\s\S]*--explain/,
    ],
    [["data", "pack", "--help"], ["data", "help", "pack"], /^Usage: inkling data pack \[options\]/],
    [["data", "--help"], ["help", "data"], /^Usage: inkling data \[options\] \[command\]/],
  ])("loads a command for its help, as %j and as %j", async (option, command, shown) => {
    expect(await written(...option)).toMatch(shown);
    expect(await written(...command)).toBe(await written(...option));
  });

  it.each([
    ...["--trials", "--workers", "--lag", "--replays"].map((flag) => [
      ["search", flag, "0"],
      "whole number of at least 1.",
    ]),
    [["search", "--trials", "1.5"], "whole number of at least 1."],
    [["search", "--folds", "0"], "whole number of at least 2."],
    [["search", "--confirm", "-1"], "whole number of at least 0."],
    [["predict", "run", "a.png", "--top", "0"], "whole number of at least 1."],
    [["worker", "--threads", "0"], "whole number of at least 1."],
    [
      ["predict", "run", "a.png", "--coverage", "100%"],
      "above 0% and below 100%, such as 99%, or a number between 0 and 1.",
    ],
  ] as [string[], string][])("refuses %j before anything is done", async (args, expected) => {
    const program = new Command("inkling").exitOverride().configureOutput({ outputError: () => {} });
    addCommands(program);
    await expect(program.parseAsync(args, { from: "user" })).rejects.toMatchObject({
      code: "commander.invalidArgument",
      message: expect.stringContaining(expected),
    });
  });

  it("takes help for a command's name only where it stands for one", () => {
    for (const args of [["help"], ["predict", "run", "help"], ["train", "help", "--json"], []])
      expect(withoutHelpCommand(args)).toBe(args);
  });
});
