import type { Command } from "commander";
import { several } from "./arguments.ts";
import { addCache } from "./cache/command.ts";
import { addDataAudit } from "./data/audit/command.ts";
import { addDataAugment } from "./data/augment/command.ts";
import { addDataExport, addDataMerge, addDataSample, addDataSplit } from "./data/export/command.ts";
import { addDataFetch } from "./data/fetch/command.ts";
import { addDataInspect } from "./data/inspect/command.ts";
import { addDataPack } from "./data/pack/command.ts";
import { addEvaluate } from "./evaluate/command.ts";
import { addFindLearningRate } from "./findLearningRate/command.ts";
import { addInfo } from "./info/command.ts";
import { addModel } from "./model/command.ts";
import { addPredict } from "./predict/command.ts";
import { addReplay } from "./replay/command.ts";
import { addRuns } from "./runs/command.ts";
import { addTrain } from "./train/command.ts";

/** Every command, in the order in which help lists them. Each loads its own code when it runs, so that help is quick. */
const commands: readonly ((inkling: Command) => void)[] = [
  addTrain,
  addEvaluate,
  addPredict,
  addDataInspect,
  addDataPack,
  addDataFetch,
  addDataExport,
  addDataSplit,
  addDataSample,
  addDataMerge,
  addDataAudit,
  addDataAugment,
  addFindLearningRate,
  addRuns,
  addReplay,
  addModel,
  addInfo,
  addCache,
];

/** A command and all below it that do something. */
const working = (command: Command): readonly Command[] =>
  command.commands.length === 0 ? [command] : command.commands.flatMap(working);

/** Adds every command, and to each the option to load extensions before it runs. */
export function addCommands(inkling: Command): void {
  for (const add of commands) add(inkling);
  for (const command of working(inkling))
    command.option(
      "--load <module>",
      "run an extension first: a file or an installed package; may be given several times",
      several,
    );
  inkling.hook("preAction", async (_, command) => {
    const modules: readonly string[] = command.opts()["load"] ?? [];
    if (modules.length === 0) return;
    const { loadExtension } = await import("./importModule.ts");
    for (const module of modules) await loadExtension(module);
  });
}
