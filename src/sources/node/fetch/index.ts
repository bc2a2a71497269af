export { cacheDirectory } from "../../../base/node/cacheDirectory.ts";
export { type FetchUrlOptions, fetchDataset } from "./fetchDataset.ts";
export { type NamedSet, namedSets } from "./namedSets.ts";
export type { Clock, FetchEvent, FetchOptions, RemoteFile } from "./options.ts";
