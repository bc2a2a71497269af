#!/usr/bin/env node
import { Command, CommanderError } from "commander";
import { InklingError } from "../base/error.ts"; // not ../index.ts, which would load all of the library for --help
import { VERSION } from "../base/formatVersion.ts";
import { requireAddressSpace } from "../base/node/addressSpace.ts";
import { machineError } from "../base/node/systemError.ts";
import { printableLines } from "../base/printable.ts";
import { addCommands, withoutHelpCommand } from "./commands.ts";
import { stoppedExitCode } from "./interrupt.ts";
import { guardOutput } from "./output.ts";

/** V8 has run out of memory, which ends the process, where 300 MiB were left. */
const LEAST_ADDRESS_SPACE = 2 ** 29;

function program(): Command {
  const inkling = new Command("inkling")
    .description("Trains small image classifiers in TypeScript, without Python.")
    .version(VERSION)
    .exitOverride()
    .configureOutput({
      outputError: (text, write) =>
        write(text.replace(/^error: /, "inkling: ").replace(/ is invalid\. (?=expected|allowed)/i, " is invalid; ")),
    })
    .addHelpText(
      "after",
      "\nExamples:\n  inkling train                           the built-in letters A–J\n  inkling train notMNIST_small.tar.gz     an archive with a folder per class\n  inkling evaluate runs/lenet-letters-1   the run's own test images\n  inkling model lenet                     the network as a table",
    );

  addCommands(inkling);
  return inkling;
}

/** 2: incorrect usage. 1: the command failed. 130, 143 or 129: Ctrl-C, SIGTERM or SIGHUP. */
function exitCode(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof InklingError && error.code === "ABORTED") return stoppedExitCode();
  return error instanceof InklingError && error.code === "INVALID_ARGUMENT" ? 2 : 1;
}

/** Prints one or two lines for errors that a person can fix; any other error is a bug in Inkling. */
async function report(thrown: unknown, command: Command | undefined): Promise<void> {
  if (thrown instanceof CommanderError) return; // commander has already printed it
  const limit = machineError(thrown);
  // No further module may be loaded where the process has reached a limit.
  if (limit) print(limit.message);
  else if (thrown instanceof InklingError) {
    const { explain } = await import("./explain.ts");
    print(explain(thrown, command));
  } else {
    const what = thrown instanceof Error ? thrown.message : String(thrown);
    const { thrownByUser } = await import("./userError.ts");
    const where = thrown instanceof Error ? thrownByUser(thrown) : undefined;
    if (where !== undefined) {
      print(`${where}: ${what}`);
      return;
    }
    process.stderr.write(
      `inkling: unexpected error: ${what}\n  This is a bug in Inkling; set INKLING_DEBUG=1 to see where it happened.\n`,
    );
    if (process.env["INKLING_DEBUG"] && thrown instanceof Error) process.stderr.write(`${thrown.stack}\n`);
  }
}

const print = (text: string): boolean => process.stderr.write(`inkling: ${printableLines(text)}\n`);

guardOutput();
let called: Command | undefined;
try {
  const inkling = program();
  inkling.hook("preAction", (_, command) => {
    called = command;
    requireAddressSpace(LEAST_ADDRESS_SPACE, "a command");
  });
  await inkling.parseAsync(withoutHelpCommand(process.argv.slice(2)), { from: "user" });
} catch (error) {
  // What an error is explained with may be what cannot be loaded.
  await report(error, called).catch((failed) => print((machineError(failed) ?? failed).message));
  process.exitCode = exitCode(error);
}
