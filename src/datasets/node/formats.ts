import { tar, tarGz } from "./archive.ts";
import { folder } from "./folder.ts";
import type { Format } from "./format.ts";
import { pixelCsv } from "./formats/csvFile.ts";
import { csvList, jsonList } from "./formats/fileLists.ts";
import { idx } from "./formats/idxFiles.ts";
import { npy } from "./formats/npyFiles.ts";
import { npz } from "./formats/npzFile.ts";
import { pickle } from "./formats/pickleFile.ts";
import { zip } from "./formats/zipFile.ts";
import { pack } from "./packFile.ts";

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
