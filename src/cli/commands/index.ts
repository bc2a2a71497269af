import type { Command } from "commander";
import { addCache } from "./cache.ts";
import { addDataAudit } from "./dataAudit.ts";
import { addDataAugment } from "./dataAugment.ts";
import { addDataExport, addDataMerge, addDataSample, addDataSplit } from "./dataExport.ts";
import { addDataFetch } from "./dataFetch.ts";
import { addDataInspect } from "./dataInspect.ts";
import { addDataPack } from "./dataPack.ts";
import { addEvaluate } from "./evaluate.ts";
import { addFindLearningRate } from "./findLearningRate.ts";
import { addInfo } from "./info.ts";
import { addModel } from "./model.ts";
import { addPredict } from "./predict.ts";
import { addReplay } from "./replay.ts";
import { addRuns } from "./runs.ts";
import { addTrain } from "./train.ts";

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
