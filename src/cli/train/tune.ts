import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { cpus } from "node:os";
import { dirname, join } from "node:path";
import * as v from "valibot";
import { FORMAT_VERSION } from "../../base/formatVersion.ts";
import { parseJsonText } from "../../base/json.ts";
import { tilingsDirectory } from "../../base/node/cacheDirectory.ts";
import { ownFolder } from "../../base/node/ownFolder.ts";
import { writeFileAtomic } from "../../base/node/writeFile.ts";
import {
  type Backend,
  type MeasuredTiling,
  type Model,
  type Tilings,
  type TrainOptions,
  tune,
  tuned,
} from "../../index.ts";
import type { Terminal } from "../terminal.ts";

/** One file for each back end, with its compiler or engine, on each processor. */
function pathOf({ name, machine, compiler = `V8 ${process.versions.v8}` }: Backend): string {
  const here = createHash("sha256").update(JSON.stringify([compiler, cpus()[0]?.model]));
  return join(tilingsDirectory(), `${name}-${machine.name}-${here.digest("hex").slice(0, 16)}.json`);
}

const count = v.pipe(v.number(), v.integer(), v.minValue(1));
const tiling = v.object({ vector: v.string(), width: count, tile: v.record(v.string(), count), unroll: count });
const schema = v.object({ formatVersion: v.literal(FORMAT_VERSION), tilings: v.record(v.string(), tiling) });

/** Earlier measurements. Any that cannot be read are repeated. */
async function readTilings(path: string): Promise<Tilings> {
  try {
    await ownFolder(dirname(path));
    return v.parse(schema, parseJsonText(await readFile(path, "utf8"))).tilings;
  } catch {
    return {};
  }
}

async function writeTilings(path: string, tilings: Tilings): Promise<void> {
  await ownFolder(dirname(path));
  await writeFileAtomic(path, `${JSON.stringify({ formatVersion: FORMAT_VERSION, tilings })}\n`);
}

/** How many tilings are faster than the compiler's choice, and by how much. */
function gains(measured: readonly MeasuredTiling[]): string {
  const shares = measured.map(({ seconds, expectedSeconds }) => 1 - seconds / expectedSeconds).filter((s) => s > 0);
  const percents = [Math.min(...shares), Math.max(...shares)].map((share) => (100 * share).toFixed(0));
  const range = [...new Set(percents)].join(" to ");
  const by = shares.length > 0 ? `, by ${range} %` : "";
  return `Timed ${measured.length} sums: ${shares.length} have a faster tiling than the predicted one${by}`;
}

/** The back end of a training with the fastest tilings of its sums; unknown ones are measured now. */
export async function tunedBackend(
  model: Model,
  options: TrainOptions & { readonly backend: Backend },
  terminal: Terminal,
): Promise<Backend> {
  const path = pathOf(options.backend);
  const known = await readTilings(path);
  const measured: MeasuredTiling[] = [];
  terminal.progress("Timing tilings: compiling them");
  for await (const one of tune(model, options, known)) {
    measured.push(one);
    terminal.progress(`Timing tilings: ${measured.length} of ${one.of}`);
  }
  const found = Object.fromEntries(measured.map(({ key, tiling }) => [key, tiling]));
  const tilings = { ...known, ...found };
  if (measured.length === 0) terminal.note("No tiling needs to be timed");
  else {
    terminal.note(gains(measured));
    await writeTilings(path, tilings).catch((error: Error) =>
      terminal.note(`The tilings cannot be saved for other runs: ${error.message}`),
    );
  }
  return tuned(options.backend, tilings);
}
