import { Command } from "commander";
import { addCommands, commands, define, type ListedCommand } from "../../src/cli/commands.ts";

/** Every command that can be called, with the names that lead to it. */
export const listed: readonly { readonly path: readonly string[]; readonly entry: ListedCommand }[] = commands.flatMap(
  (entry) =>
    "commands" in entry
      ? entry.commands.map((below) => ({ path: [entry.name, below.name], entry: below }))
      : [{ path: [entry.name], entry }],
);

/** The program with the arguments and options of all of its commands. */
export async function loadedProgram(): Promise<Command> {
  const program = new Command("inkling");
  addCommands(program);
  for (const { path, entry } of listed) {
    const command = path.reduce((from, name) => from.commands.find((c) => c.name() === name)!, program);
    await define(command, entry);
  }
  return program;
}

/** Runs a command of the command line in this process, by its words; throws what the command throws. */
export async function runCommand(words: readonly string[]): Promise<void> {
  const program = new Command("inkling").exitOverride();
  addCommands(program);
  await program.parseAsync(words, { from: "user" });
}
