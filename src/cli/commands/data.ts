import type { Command } from "commander";
import { opening } from "../arguments.ts";

/** The commands of `inkling data`. */
export function addData(inkling: Command): void {
  const data = inkling.command("data").description("look at data sets, and pack them into one file");
  addInspect(data);
  addPack(data);
}

const SOURCE = "letters, a folder with a folder for each class, a .tar.gz of one, or an .inkling file";

function addInspect(data: Command): void {
  opening(data.command("inspect"))
    .description("look a data set through: classes, files, duplicates, what splits would leak, samples")
    .argument("<source>", SOURCE)
    .option("--test <source>", "a test set of its own: how many of its images are in the data set too")
    .option("--no-near", "do not look for images that look the same, which takes longest")
    .option(
      "--audit <file>",
      "show what an audit of its labels found, saved with: inkling data audit SOURCE --out FILE",
    )
    .option("--html <file>", "save all of it as a page with pictures")
    .option("--png <file>", "save a PNG with 16 samples of each class")
    .option("--json", "end with one JSON object on stdout; all else goes to stderr")
    .addHelpText(
      "after",
      "\nExamples:\n  inkling data inspect letters\n  inkling data inspect notMNIST_small.tar.gz --html report.html\n  inkling data inspect mnist#training --test mnist#test",
    )
    .action(async (source, options) => (await import("../inspect.ts")).inspectCommand(source, options));
}

function addPack(data: Command): void {
  opening(data.command("pack"))
    .description("write a data set as one checksummed file, which opens at once")
    .argument("<source>", SOURCE)
    .argument("<file>", "such as notmnist.inkling")
    .option("--compress", "store pixels compressed (up to 256 MiB of them are)")
    .option("--no-compress", "store pixels as they are: opens at once, and trains from the file, whatever its size")
    .option("--force", "replace the file if it is there")
    .option("--json", "end with one JSON object on stdout; all else goes to stderr")
    .addHelpText(
      "after",
      "\nExamples:\n  inkling data pack notMNIST_small.tar.gz notmnist-small.inkling\n  inkling train notmnist-small.inkling",
    )
    .action(async (source, file, options) => (await import("../pack.ts")).packCommand(source, file, options));
}
