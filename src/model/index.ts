export {
  buildGraph,
  buildLayers,
  type GraphOptions,
  inferenceGraph,
  initialWeights,
  type ModelGraph,
  type StateTensor,
} from "./build.ts";
export { foldBatchNormalization, type WeightedModel } from "./fold.ts";
export { checkModel, defaultPreprocessing, inputsOf, type Model, type Preprocessing } from "./model.ts";
export { type NetworkSpec, network, parseLayers, parseModel } from "./network.ts";
export { formatSummary, type LayerSummary, summarize } from "./summary.ts";
export { listWeights, weightedLayersOf } from "./weightedLayers.ts";
export { withoutWinograd, withWinograd } from "./winograd.ts";
