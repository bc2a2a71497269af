export type { PackOptions } from "../pack.ts";
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
export { readFixes, writeFixes } from "./fixesFile.ts";
export type { OpenOptions, OpenProgress, SaveOptions } from "./format.ts";
export { openDataset, openStreamed } from "./openDataset.ts";
export { savePack } from "./packFile.ts";
export { formatNames, saveDataset } from "./saveDataset.ts";
export { writeFileAtomic } from "./writeFile.ts";
