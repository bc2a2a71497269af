import { VERSION } from "../../base/formatVersion.ts";
import { availableThreads } from "../../engine/threads.ts";
import { layerFields } from "../../layers/fields.ts";
import { allLayerTypes } from "../../layers/registry.ts";
import { recipes, trainingOptions } from "../../training/index.ts";
import type { About } from "../settings.ts";
import { STORE_SECONDS } from "./liveTraining.ts";

/** Settings that are not overrides of a recipe. */
const besideOverrides: readonly string[] = ["budget", "initFrom", "threads", "checkpointEvery"];

/** What a workbench that trains with a back end can do. */
export const aboutStudio = (backend: string): About => ({
  version: VERSION,
  recipes: recipes.map(({ name, description }) => ({ name, description })),
  settings: trainingOptions
    .filter(({ part, path }) => part === "overrides" || besideOverrides.includes(path))
    .map(({ part, path, help, type, group, unit, otherwise, choices, default: value }) => ({
      ...{ path, help, type, group, isOverride: part === "overrides" },
      ...(unit !== undefined && { unit }),
      ...(otherwise !== undefined && { otherwise }),
      ...(choices && { choices }),
      ...(value !== undefined && { default: path === "checkpointEvery" ? STORE_SECONDS : value }),
    })),
  layers: allLayerTypes().map((layer) => ({
    type: layer.type,
    fields: layerFields(layer),
    usual: layer.usual ?? {},
  })),
  threads: availableThreads(backend),
});
