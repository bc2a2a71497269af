export { writeFileAtomic } from "../../base/node/writeFile.ts";
export { readFixes, writeFixes } from "../../datasets/node/fixesFile.ts";
export type { OpenProgress, ReadOptions, SaveOptions } from "../../formats/node/format.ts";
export { savePack } from "../../formats/node/packFile.ts";
export type { PackOptions } from "../../formats/pack.ts";
export {
  type Clock,
  cacheDirectory,
  type FetchEvent,
  type FetchOptions,
  type FetchUrlOptions,
  fetchDataset,
  type NamedSet,
  namedSets,
  type RemoteFile,
} from "./fetch/index.ts";
export { type OpenOptions, openDataset, openStreamed } from "./openDataset.ts";
export { formatNames, saveDataset } from "./saveDataset.ts";
