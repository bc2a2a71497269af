import type { Command } from "commander";
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
export const commands: readonly ((inkling: Command) => void)[] = [
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
