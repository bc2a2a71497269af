export { alignClasses, checkClassesKnown, classesWithImages, type KnownClasses } from "./alignClasses.ts";
export { applyFixes, type FixedDataset } from "./applyFixes.ts";
export { changeImages } from "./changeImages.ts";
export * from "./dataset.ts";
export { type DivideOptions, type Division, divide, type SeparateSets } from "./divide.ts";
export type { DuplicateGroup } from "./duplicates/exact.ts";
export { type Alike, findDuplicates } from "./duplicates/find.ts";
export { type ChosenRows, findTrainTestDuplicates } from "./duplicates/trainTestDuplicates.ts";
export { FileCounter, type FileStatistics } from "./fileStatistics.ts";
export { fingerprint, imageDigests, unorderedFingerprint } from "./fingerprint.ts";
export { type Fix, type Fixes, formatFixes, parseFixes } from "./fixes.ts";
export { type Images, readImages } from "./images.ts";
export { defaultKeepTogether, groupIds, type KeepTogether, keepTogetherNames } from "./keepTogether.ts";
export { learnPreparation } from "./learnPreparation.ts";
export { mergeDatasets } from "./merge.ts";
export { misleadingSplit } from "./misleading.ts";
export type { PartitionOptions } from "./partition.ts";
export { type DatasetReport, type Leak, type ReportOptions, reportDataset, type SplitReport } from "./report.ts";
export { reshape } from "./reshape.ts";
export { sampleRows } from "./sample.ts";
export {
  describeSplit,
  type FoldOptions,
  foldDataset,
  type Split,
  type SplitOptions,
  type SplitSettings,
  splitDataset,
} from "./split.ts";
export type { SplitName, SplitSizes } from "./splitSizes.ts";
export { classMeans } from "./statistics.ts";
export * from "./tensors.ts";
