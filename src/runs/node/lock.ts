import { join } from "node:path";
import { isHeld, takeLock } from "../../base/node/lock.ts";

export const LOCK_FILE = "lock";

/** Takes a run folder for this run alone, until the function that it gives is called. Throws `FILE_SYSTEM`. */
export const lockFolder = (folder: string): Promise<() => Promise<void>> =>
  takeLock(join(folder, LOCK_FILE), { doing: `at work in the run folder ${folder}`, otherwise: "use another folder" });

/** Whether a process that is still there works in a folder. */
export const isLocked = (folder: string): Promise<boolean> => isHeld(join(folder, LOCK_FILE));
