import { type Command, Help } from "commander";

/** A command as help lists it; its arguments, its options and its work are loaded when it is called. */
export interface ListedCommand {
  readonly name: string;
  /** What it is called with, as help shows it after the name. */
  readonly usage: string;
  readonly description: string;
  /** What adds arguments, options and the work to it. */
  readonly load: () => Promise<(command: Command) => void>;
}

/** Commands under a common name. */
export interface CommandGroup {
  readonly name: string;
  readonly description: string;
  readonly commands: readonly ListedCommand[];
}

/** Every command, in the order in which help lists them. */
export const commands: readonly (ListedCommand | CommandGroup)[] = [
  {
    name: "train",
    usage: "[options] [source]",
    description: "train a network on a data set and test it, or go on with a run that was stopped",
    load: async () => (await import("./train/command.ts")).defineTrain,
  },
  {
    name: "evaluate",
    usage: "[options] <run> [source]",
    description: "score a run on its own test images, or on every readable image of a source",
    load: async () => (await import("./evaluate/command.ts")).defineEvaluate,
  },
  {
    name: "predict",
    usage: "[options] <model> <image...>",
    description: "say which class a model sees in pictures: PNG, JPEG, WebP, of any size",
    load: async () => (await import("./predict/command.ts")).definePredict,
  },
  {
    name: "data",
    description: "fetch, look at, convert, divide and merge data sets",
    commands: [
      {
        name: "inspect",
        usage: "[options] <source>",
        description: "look a data set through: classes, files, duplicates, what splits would leak, samples",
        load: async () => (await import("./data/inspect/command.ts")).defineDataInspect,
      },
      {
        name: "pack",
        usage: "[options] <source> <file>",
        description: "write a data set as one checksummed file, which opens at once",
        load: async () => (await import("./data/pack/command.ts")).defineDataPack,
      },
      {
        name: "fetch",
        usage: "[options] <source>",
        description: "fetch a data set into the cache, going on where an earlier fetch stopped; print where it is",
        load: async () => (await import("./data/fetch/command.ts")).defineDataFetch,
      },
      {
        name: "export",
        usage: "[options] <source> <to>",
        description: "write a data set in another format; a pickle holds it divided as in the course",
        load: async () => (await import("./data/export/command.ts")).defineDataExport,
      },
      {
        name: "split",
        usage: "[options] <source> <folder>",
        description: "write training, validation and test images into a folder, a data set each (inkling)",
        load: async () => (await import("./data/export/command.ts")).defineDataSplit,
      },
      {
        name: "sample",
        usage: "[options] <source> <to>",
        description: "write some images of a data set, chosen at random, with its classes in proportion",
        load: async () => (await import("./data/export/command.ts")).defineDataSample,
      },
      {
        name: "merge",
        usage: "[options] <sources...>",
        description: "write several data sets as one; classes are matched by name",
        load: async () => (await import("./data/export/command.ts")).defineDataMerge,
      },
      {
        name: "audit",
        usage: "[options] <source>",
        description: "find images whose labels are probably wrong, by models that were trained without them",
        load: async () => (await import("./data/audit/command.ts")).defineDataAudit,
      },
      {
        name: "augment",
        usage: "[options] <source>",
        description: "draw what augmentation does: a row for each image, as it is and as training would see it",
        load: async () => (await import("./data/augment/command.ts")).defineDataAugment,
      },
    ],
  },
  {
    name: "lr-find",
    usage: "[options] [source]",
    description: "find a learning rate: train with one that grows until the loss explodes",
    load: async () => (await import("./findLearningRate/command.ts")).defineFindLearningRate,
  },
  {
    name: "runs",
    usage: "[options] [folder]",
    description: "list runs: how far they are, how well they do, and what differs in their settings",
    load: async () => (await import("./runs/command.ts")).defineRuns,
  },
  {
    name: "replay",
    usage: "[options] <run> [source]",
    description: "train a run again, from its settings, and say whether the weights are the same to the bit",
    load: async () => (await import("./replay/command.ts")).defineReplay,
  },
  {
    name: "model",
    usage: "[options] <recipe>",
    description: "print a network: layers, output shapes, parameters, multiply-adds",
    load: async () => (await import("./model/command.ts")).defineModel,
  },
  {
    name: "info",
    usage: "[options]",
    description: "say what this machine has, and which back end trains on it, and why",
    load: async () => (await import("./info/command.ts")).defineInfo,
  },
  {
    name: "cache",
    usage: "[options]",
    description:
      "say where fetched data sets, compiled code and timed tilings are kept, and how much there is; or remove them",
    load: async () => (await import("./cache/command.ts")).defineCache,
  },
];

const { subcommandTerm } = Help.prototype;

/** Adds every command to the program; each is loaded when it is called, and loads extensions before it works. */
export function addCommands(inkling: Command): void {
  addListed(inkling, commands);
  inkling.hook("preAction", async (_, command) => {
    const modules: readonly string[] = command.opts()["load"] ?? [];
    if (modules.length === 0) return;
    const { loadExtension } = await import("./importModule.ts");
    for (const module of modules) await loadExtension(module);
  });
}

function addListed(to: Command, listed: readonly (ListedCommand | CommandGroup)[]): void {
  const entries = new Map<Command, ListedCommand>();
  // The options and arguments of a command are not known before it is loaded.
  to.configureHelp({
    subcommandTerm: (command) =>
      entries.has(command) ? `${command.name()} ${command.usage()}` : subcommandTerm(command),
  });
  for (const entry of listed) {
    const command = to.command(entry.name).description(entry.description);
    if ("commands" in entry) addListed(command, entry.commands);
    else entries.set(command.usage(entry.usage), entry);
  }
  to.hook("preSubcommand", async (_, command) => {
    const entry = entries.get(command);
    if (entry) await define(command, entry);
  });
}

/** Gives a command its arguments, its options and its work, and the option to load extensions before that. */
export async function define(command: Command, { load }: ListedCommand): Promise<void> {
  const [add, { several }] = await Promise.all([load(), import("./arguments.ts")]);
  add(command);
  command.option(
    "--load <module>",
    "run an extension first: a file or an installed package; may be given several times",
    several,
  );
}

/** `help NAME` as `NAME --help`: commander's own shows a command that is not loaded. */
export function withoutHelpCommand(args: readonly string[]): readonly string[] {
  const at = args.findIndex((arg) => !commands.some((entry) => "commands" in entry && entry.name === arg));
  if (args[at] !== "help" || args[at + 1] === undefined) return args;
  return [...args.slice(0, at), ...args.slice(at + 1), "--help"];
}
