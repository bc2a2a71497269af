import { type Command, Help, type Option } from "commander";

/** A command as help lists it; its arguments, options and action are loaded when it is called. */
export interface ListedCommand {
  readonly name: string;
  /** Its arguments, as help shows them after the name. */
  readonly usage: string;
  readonly description: string;
  /** Loads the function that adds arguments, options and the action. */
  readonly load: () => Promise<(command: Command) => void>;
}

/** A group of subcommands. */
export interface CommandGroup {
  readonly name: string;
  readonly description: string;
  readonly commands: readonly ListedCommand[];
}

/** All commands, in the order of help. */
export const commands: readonly (ListedCommand | CommandGroup)[] = [
  {
    name: "train",
    usage: "[options] [source]",
    description: "train a network on a data set and test it, or resume a stopped run",
    load: async () => (await import("./train/command.ts")).defineTrain,
  },
  {
    name: "evaluate",
    usage: "[options] <run> [more...]",
    description: "score a run on its own test images, or on every readable image of a source",
    load: async () => (await import("./evaluate/command.ts")).defineEvaluate,
  },
  {
    name: "compare",
    usage: "[options] <run...> [source]",
    description: "compare runs on the same images, and say whether one is better beyond chance",
    load: async () => (await import("./compare/command.ts")).defineCompare,
  },
  {
    name: "predict",
    usage: "[options] <model> <image...>",
    description: "classify pictures of any size with a model",
    load: async () => (await import("./predict/command.ts")).definePredict,
  },
  {
    name: "ensemble",
    usage: "[options] <model...>",
    description: "write several models as one file that answers by the mean of their probabilities",
    load: async () => (await import("./ensemble/command.ts")).defineEnsemble,
  },
  {
    name: "serve",
    usage: "[options] <model...>",
    description: "serve models over HTTP, with a page to try them",
    load: async () => (await import("./serve/command.ts")).defineServe,
  },
  {
    name: "studio",
    usage: "[options] [paths...]",
    description: "a page to train in: data, training, a look inside, exports, the runs of this machine",
    load: async () => (await import("./studio/command.ts")).defineStudio,
  },
  {
    name: "export",
    usage: "[options] <model> <target>",
    description: "write a model as ONNX, C, WebAssembly, an npm package or a card, and check its answers",
    load: async () => (await import("./export/command.ts")).defineExport,
  },
  {
    name: "import",
    usage: "[options] <model> <target>",
    description: "read an ONNX file, also one of another tool, and write its model as a .safetensors file",
    load: async () => (await import("./import/command.ts")).defineImport,
  },
  {
    name: "verify",
    usage: "[options] <exported> <model>",
    description: "check again that an exported model gives the answers of the model that it is from",
    load: async () => (await import("./verify/command.ts")).defineVerify,
  },
  {
    name: "data",
    description: "fetch, inspect, convert, split and merge data sets",
    commands: [
      {
        name: "inspect",
        usage: "[options] <source>",
        description: "inspect a data set: classes, files, duplicates, leaks between splits, samples",
        load: async () => (await import("./data/inspect/command.ts")).defineDataInspect,
      },
      {
        name: "pack",
        usage: "[options] <source> <file>",
        description: "write a data set as one checksummed file that opens instantly",
        load: async () => (await import("./data/pack/command.ts")).defineDataPack,
      },
      {
        name: "fetch",
        usage: "[options] <source>",
        description: "fetch a data set into the cache, resuming an interrupted download; print its path",
        load: async () => (await import("./data/fetch/command.ts")).defineDataFetch,
      },
      {
        name: "export",
        usage: "[options] <source> <to>",
        description: "write a data set in another format; a pickle contains splits, as in the course",
        load: async () => (await import("./data/export/command.ts")).defineDataExport,
      },
      {
        name: "split",
        usage: "[options] <source> <folder>",
        description: "write training, validation and test images into a folder as separate data sets (inkling)",
        load: async () => (await import("./data/export/command.ts")).defineDataSplit,
      },
      {
        name: "sample",
        usage: "[options] <source> <to>",
        description: "write a random, stratified sample of a data set",
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
        description: "find images whose labels are probably wrong, using models trained without them",
        load: async () => (await import("./data/audit/command.ts")).defineDataAudit,
      },
      {
        name: "augment",
        usage: "[options] <source>",
        description: "draw what augmentation does: a row per image, unchanged and as training sees it",
        load: async () => (await import("./data/augment/command.ts")).defineDataAugment,
      },
    ],
  },
  {
    name: "lr-find",
    usage: "[options] [source]",
    description: "find a learning rate: train while it grows until the loss explodes",
    load: async () => (await import("./findLearningRate/command.ts")).defineFindLearningRate,
  },
  {
    name: "search",
    usage: "[options] [source]",
    description: "find hyperparameters: train many variants of a recipe, and test the best one",
    load: async () => (await import("./search/command.ts")).defineSearch,
  },
  {
    name: "worker",
    usage: "[options] [queue]",
    description: "train trials of searches on other machines, which hand them out through Redis",
    load: async () => (await import("./worker/command.ts")).defineWorker,
  },
  {
    name: "runs",
    usage: "[options] [folder]",
    description: "list runs in a table, or compare two of them",
    load: async () => (await import("./runs/command.ts")).defineRuns,
  },
  {
    name: "replay",
    usage: "[options] <run> [source]",
    description: "train a run again from its settings and check that the weights are identical, bit for bit",
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
    description: "show what this machine offers, and which back end it uses and why",
    load: async () => (await import("./info/command.ts")).defineInfo,
  },
  {
    name: "cache",
    usage: "[options]",
    description:
      "show where fetched data sets, compiled code and timed tilings are kept and their sizes, or remove them",
    load: async () => (await import("./cache/command.ts")).defineCache,
  },
];

const { subcommandTerm } = Help.prototype;

/** What help says of an option: its description, which may end with its default in parentheses, its choices and default. */
function optionDescription({ description, argChoices, defaultValue }: Option): string {
  const [, text = "", otherwise] = /^(.*?)(?: \(([^()]*)\))?$/.exec(description) ?? [];
  const fallback = [otherwise, defaultValue].filter((value) => value !== undefined).join("; ");
  const remarks = [
    ...(fallback === "" ? [] : [fallback.startsWith("default") ? fallback : `default: ${fallback}`]),
    ...(argChoices ? [`choices: ${argChoices.join(", ")}`] : []),
  ];
  return remarks.length === 0 ? description : `${text} (${remarks.join("; ")})`;
}

/** Adds every command to the program; each is loaded when it is called, and loads extensions before it runs. */
export function addCommands(inkling: Command): void {
  addListed(inkling, commands);
  inkling.hook("preAction", async (_, command) => {
    const { load: modules = [], memory }: { readonly load?: readonly string[]; readonly memory?: number } =
      command.opts();
    if (memory !== undefined) (await import("../base/memory.ts")).limitMemory(memory);
    if (modules.length === 0) return;
    const { loadExtension } = await import("./importModule.ts");
    for (const module of modules) await loadExtension(module);
  });
}

function addListed(to: Command, listed: readonly (ListedCommand | CommandGroup)[]): void {
  const entries = new Map<Command, ListedCommand>();
  // The options and arguments of a command are unknown until it is loaded.
  to.configureHelp({
    optionDescription,
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

/** Adds a command's arguments, options and action, and the options that all commands have. */
export async function define(command: Command, { load }: ListedCommand): Promise<void> {
  const [add, { memorySize, several }] = await Promise.all([load(), import("./arguments.ts")]);
  add(command);
  command
    .option("--load <module>", "load an extension first: a file or an installed package; may be repeated", several)
    .option("--memory <size>", "the most memory to use, such as 4G (half of the machine's)", memorySize);
}

/** Implements `help NAME` as `NAME --help`: commander's own would show a command that is not loaded yet. */
export function withoutHelpCommand(args: readonly string[]): readonly string[] {
  const at = args.findIndex((arg) => !commands.some((entry) => "commands" in entry && entry.name === arg));
  if (args[at] !== "help" || args[at + 1] === undefined) return args;
  return [...args.slice(0, at), ...args.slice(at + 1), "--help"];
}
