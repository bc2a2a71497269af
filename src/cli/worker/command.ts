import { type Command, Option } from "commander";
import { several, time, whole } from "../arguments.ts";

/** The arguments and options of `inkling worker`. */
export function defineWorker(command: Command): void {
  command
    .argument(
      "[queue]",
      "where searches with --queue hand out their trials: redis://:PASSWORD@HOST:6379, or rediss:// for TLS (INKLING_QUEUE)",
    )
    .option(
      "--data <source>",
      "a data set on this machine, or the name of one to fetch; may be repeated (where the search has it, or sent by the search)",
      several,
    )
    .option("--fetch", "fetch data that a search names by an address, if not in the cache")
    .addOption(new Option("--concurrency <n>", "trials at once (one for each processor)").argParser(whole(1)))
    .addOption(
      new Option("--threads <n>", "threads of each trial (an equal share of the processors)").argParser(whole(1)),
    )
    .addOption(
      new Option(
        "--stalled-after <time>",
        "give a trial to another worker when its own has been silent for this long (30s)",
      ).argParser(time),
    )
    .addHelpText(
      "after",
      "\nA worker takes data only, never code. It checks that its data are those of the search, bit for bit.\nCtrl-C and SIGTERM give a trial back as it is; another worker resumes it.\n\nExamples:\n  inkling worker redis://192.168.1.10\n  inkling worker rediss://:PASSWORD@queue.example.org --concurrency 8 --data notMNIST_small.tar.gz",
    )
    .action(async (queue, options) => (await import("./worker.ts")).workerCommand(queue, options));
}
