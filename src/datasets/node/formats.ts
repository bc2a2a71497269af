import { tar, tarGz } from "./archive.ts";
import { folder } from "./folder.ts";
import type { Format } from "./format.ts";
import { pack } from "./packFile.ts";

/** Every form in which a data set can be opened; the first that matches is taken. */
export const formats: readonly Format[] = [folder, pack, tarGz, tar];
