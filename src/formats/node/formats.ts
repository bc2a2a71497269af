import { tar, tarGz } from "./archive.ts";
import { pixelCsv } from "./csvFile.ts";
import { csvList, jsonList } from "./fileLists.ts";
import { folder } from "./folder.ts";
import type { Format } from "./format.ts";
import { idx } from "./idxFiles.ts";
import { npy } from "./npyFiles.ts";
import { npz } from "./npzFile.ts";
import { pack } from "./packFile.ts";
import { pickle } from "./pickleFile.ts";
import { zip } from "./zipFile.ts";

/** Every form in which a data set can be opened and saved; the first that matches is taken. */
export const formats: readonly Format[] = [
  folder,
  pack,
  tarGz,
  tar,
  zip,
  idx,
  npz,
  npy,
  pickle,
  pixelCsv,
  csvList,
  jsonList,
];
