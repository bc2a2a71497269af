export type { EndEvent, ProgressEvent, StartEvent, TrainEvent, TrainResult, ValidationEvent } from "./events.ts";
export type { TrainOptions } from "./options.ts";
export { type Recipe, type RecipeOptions, recipe, recipes } from "./recipes/index.ts";
export { type TrainingRun, train } from "./train.ts";
