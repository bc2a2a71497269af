import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { concatBytes } from "../../../base/bytes.ts";
import { makeFolders } from "../../../base/node/ownFolder.ts";
import { writeFilesAtomic } from "../../../base/node/writeFile.ts";
import type { NamedBytes } from "../../../formats/format.ts";
import { writeZip } from "../../../formats/zipWriter.ts";
import { checkpointName, checkpointSteps } from "../../../runs/checkpointFile.ts";
import { METRICS_FILE } from "../../../runs/metricsFile.ts";
import { PortableRun } from "../../../runs/portableRun.ts";
import { modelFiles, RUN_FILE } from "../../../runs/result.ts";

/** The most bytes of a run that travels: weights, the optimizer's state, its curve. */
export const MAX_RUN = 2 ** 28;

/**
 * The folder of a run as one file, of the form that {@link PortableRun.open} reads, with its newest checkpoint; without bytes
 * if there is no run. The run may be in progress.
 */
export async function packRun(folder: string): Promise<Uint8Array> {
  const names: readonly string[] = await readdir(folder).catch(() => []);
  const [newest] = checkpointSteps(names);
  const wanted = [
    RUN_FILE,
    METRICS_FILE,
    ...Object.values(modelFiles),
    ...(newest === undefined ? [] : [checkpointName(newest)]),
  ];
  const files: NamedBytes[] = [];
  for (const name of wanted.filter((name) => names.includes(name))) {
    const bytes = await readFile(join(folder, name)).catch(() => undefined); // replaced by a newer one meanwhile
    if (bytes) files.push({ name, bytes });
  }
  return files.some(({ name }) => name === RUN_FILE) ? concatBytes([...writeZip(files)]) : new Uint8Array();
}

/**
 * Writes a run that {@link packRun} has made into a folder, in place of what that has of the run. Every file is decoded and
 * checked first. Throws as {@link PortableRun.open} does, and `FILE_SYSTEM`.
 */
export async function unpackRun(bytes: Uint8Array, folder: string): Promise<PortableRun | undefined> {
  if (bytes.length === 0) return undefined;
  const run = await PortableRun.open(bytes);
  const files = (await run.files()).map(({ name, bytes }) => ({ name, contents: bytes }));
  await makeFolders(folder);
  await writeFilesAtomic(folder, files);
  for (const step of checkpointSteps(await readdir(folder)))
    if (step !== run.checkpoint?.step) await rm(join(folder, checkpointName(step)), { force: true });
  return run;
}
