import { csvList, jsonList } from "./fileList.ts";
import { folder } from "./folder.ts";
import type { Format } from "./format.ts";
import { idx } from "./idx.ts";
import { npy } from "./npy.ts";
import { npz } from "./npz.ts";
import { pack } from "./pack.ts";
import { pickle } from "./pickle/pickle.ts";
import { pixelTable } from "./pixelTable.ts";
import { tar, tarGz } from "./tar.ts";
import { zip } from "./zip.ts";

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
  pixelTable,
  csvList,
  jsonList,
];
