import { createHash } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { cpus } from "node:os";
import { dirname, join } from "node:path";
import * as v from "valibot";
import { writeFileAtomic } from "../datasets/node/index.ts";
import { type Backend, type Model, type Tilings, type TrainOptions, tune, tuned } from "../index.ts";
import { cacheDirectory } from "../tensor/node/cacheDirectory.ts";
import type { Terminal } from "./terminal.ts";

/** Where measured tilings are kept, in the cache's directory. */
export const tilingsDirectory = (): string => join(cacheDirectory(), "tilings");

/** One file for each back end, with its compiler or engine, on each processor. */
function pathOf({ name, machine, compiler = `V8 ${process.versions.v8}` }: Backend): string {
  const here = createHash("sha256").update(JSON.stringify([compiler, cpus()[0]?.model]));
  return join(tilingsDirectory(), `${name}-${machine.name}-${here.digest("hex").slice(0, 16)}.json`);
}

const count = v.pipe(v.number(), v.integer(), v.minValue(1));
const schema = v.record(
  v.string(),
  v.object({ vector: v.string(), width: count, tile: v.record(v.string(), count), unroll: count }),
);

/** What was measured before. A file that is damaged is measured again. */
async function readTilings(path: string): Promise<Tilings> {
  try {
    return v.parse(schema, JSON.parse(await readFile(path, "utf8")));
  } catch {
    return {};
  }
}

/** The back end of a training with the fastest tilings of its sums, which are measured now where they are not known. */
export async function tunedBackend(
  model: Model,
  options: TrainOptions & { readonly backend: Backend },
  terminal: Terminal,
): Promise<Backend> {
  const path = pathOf(options.backend);
  const known = await readTilings(path);
  const found: Record<string, Tilings[string]> = {};
  let [seconds, expected, faster] = [0, 0, 0];
  terminal.progress("Timing tilings: compiling them");
  for await (const measured of tune(model, options, known)) {
    found[measured.key] = measured.tiling;
    seconds += measured.seconds;
    expected += measured.expectedSeconds;
    if (measured.seconds < measured.expectedSeconds) faster++;
    terminal.progress(`Timing tilings: ${Object.keys(found).length} of ${measured.of}`);
  }
  const total = Object.keys(found).length;
  if (total > 0) {
    await mkdir(dirname(path), { recursive: true });
    await writeFileAtomic(path, `${JSON.stringify({ ...known, ...found })}\n`);
    const gain = faster > 0 ? `, which takes ${(100 * (1 - seconds / expected)).toFixed(1)} % off the time of all` : "";
    terminal.note(`Timed ${total} sums: ${faster} have a faster tiling than the one expected${gain}`);
  } else terminal.note("All tilings are known from before");
  return tuned(options.backend, { ...known, ...found });
}
