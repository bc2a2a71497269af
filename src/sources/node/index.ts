export { writeFileAtomic } from "../../base/node/writeFile.ts";
export type { OpenProgress, ReadOptions, SaveOptions } from "../../formats/format.ts";
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
export { type OpenOptions, openDataset, openStreamed, readFixes } from "./openDataset.ts";
export { formatNames, saveDataset, savePack, writeFixes } from "./saveDataset.ts";
