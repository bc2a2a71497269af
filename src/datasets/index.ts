export * from "./dataset.ts";
export type { Image, ImageOptions } from "./image.ts";
export { mergeDatasets, sampleRows } from "./merge.ts";
export { decodePack, encodePack, type PackOptions } from "./pack.ts";
export { reshape } from "./reshape.ts";
export { sha256 } from "./sha256.ts";
export { describeSplit, type Split, type SplitOptions, splitDataset } from "./split.ts";
export type { SplitName, SplitSizes } from "./splitSizes.ts";
export * from "./tensors.ts";
