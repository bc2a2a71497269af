export { buildGraph, initialWeights, type ModelGraph, type Parameter } from "./build.ts";
export {
  defaultPreprocessing,
  type Model,
  type NetworkSpec,
  network,
  type Preprocessing,
  parseModel,
} from "./model.ts";
export { formatSummary, type LayerSummary, summarize } from "./summary.ts";
