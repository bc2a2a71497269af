import type { Command } from "commander";

/** The command `data`, which several files add to. */
export const dataCommand = (inkling: Command): Command =>
  inkling.commands.find((command) => command.name() === "data") ??
  inkling.command("data").description("fetch, look at, convert, divide and merge data sets");
