import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { InklingError } from "../../../base/error.ts";
import { checkpointSteps } from "../../../runs/checkpointFile.ts";
import { METRICS_FILE } from "../../../runs/metricsFile.ts";
import { readRun } from "../../../runs/node/runFile.ts";
import { isLocked } from "../../../runs/node/runs.ts";
import { PortableRun } from "../../../runs/portableRun.ts";
import { modelFiles, RUN_FILE } from "../../../runs/result.ts";

/** How often a run is read while another process replaces its files. */
const TRIES = 3;
/** Milliseconds between two looks at a run of another process. */
const LOOK_AGAIN = 500;

const isOfRun = (name: string): boolean =>
  name === RUN_FILE ||
  name === METRICS_FILE ||
  checkpointSteps([name]).length > 0 ||
  (Object.values(modelFiles) as readonly string[]).includes(name);

/** A run in memory, as its folder has it at present. Throws `NOT_FOUND`, `INVALID_DATA` or `UNKNOWN_FORMAT`. */
export async function savedRun(folder: string): Promise<PortableRun> {
  await readRun(folder); // which says what is wrong
  for (let tries = 1; ; tries++)
    try {
      const names = (await readdir(folder)).filter(isOfRun);
      const files = names.map(async (name) => [name, new Blob([await readFile(join(folder, name))])] as const);
      return await PortableRun.open(new Map(await Promise.all(files)));
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== "ENOENT" || tries === TRIES) {
        if (cause instanceof InklingError) throw cause;
        throw new InklingError("FILE_SYSTEM", `run ${folder} cannot be read: ${(cause as Error).message}`, { cause });
      }
    }
}

/** The states of a run that another process trains, each as soon as it is on disk, until it ends or stops. */
export async function* statesOf(folder: string): AsyncGenerator<PortableRun, void> {
  for (let seen = ""; ; ) {
    const isTrained = await isLocked(folder); // looked at first: what is written before the lock is released is read
    const now = await stampOf(folder);
    if (now !== seen) {
      seen = now;
      const saved = await savedRun(folder);
      yield saved;
      if (saved.run!.result) return;
    }
    if (!isTrained) return;
    await setTimeout(LOOK_AGAIN, undefined, { ref: false });
  }
}

/** What changes when a run does. */
export async function stampOf(folder: string): Promise<string> {
  const stamps = [folder, join(folder, RUN_FILE), join(folder, METRICS_FILE)].map((path) =>
    stat(path).then(
      ({ mtimeMs, size }) => `${mtimeMs}/${size}`,
      () => "",
    ),
  );
  return (await Promise.all(stamps)).join(" ");
}
