export type { OpenOptions, OpenProgress } from "./format.ts";
export { openDataset } from "./openDataset.ts";
export { savePack } from "./packFile.ts";
export { writeFileAtomic } from "./writeFile.ts";
