import { writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { InklingError } from "../../../base/error.ts";
import type { Source } from "../source.ts";
import { CodeCache } from "./cache.ts";
import type { Compiler } from "./compiler.ts";
import { runProgram } from "./process.ts";

const COMPILE_SECONDS = 120;
const linkFlags = ["-shared", "-fPIC", ...(process.platform === "darwin" ? ["-undefined", "dynamic_lookup"] : [])];

async function run({ command, name }: Compiler, args: readonly string[]): Promise<void> {
  const { status, stderr, failure } = await runProgram(command, args, COMPILE_SECONDS);
  if (status === 0) return;
  const said = stderr.split("\n").find((line) => /error|fatal/i.test(line)) ?? stderr.trim().split("\n")[0]!;
  const why = failure ?? (said.trim() || `ended with status ${status}`);
  throw new InklingError("UNSUPPORTED", `the compiler ${command.join(" ")} (${name}) failed: ${why.trim()}`);
}

/** Processes all items, a few at a time. After a failure it starts no more, and throws when those in progress have ended. */
async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    try {
      while (next < items.length) await work(items[next++]!);
    } catch (error) {
      next = items.length;
      throw error;
    }
  };
  const workers = Array.from({ length: Math.min(availableParallelism(), items.length) }, worker);
  const failed = (await Promise.allSettled(workers)).find((result) => result.status === "rejected");
  if (failed) throw failed.reason;
}

/**
 * The path of the library compiled from C, cached or compiled now. Throws `UNSUPPORTED` if the compiler fails or
 * takes too long, and `FILE_SYSTEM` if the cache cannot be used.
 */
export async function compileLibrary({ units }: Source, compiler: Compiler, directory?: string): Promise<string> {
  const cache = await CodeCache.open(directory);
  const { command, flags, fingerprint } = compiler;
  const key = CodeCache.key(fingerprint, ...command, ...flags, ...linkFlags, ...units);
  const known = await cache.find(key);
  if (known) return known;
  return cache.add(key, async (folder) => {
    const files = units.map((_, k) => join(folder, `unit${k}`));
    await inParallel(
      files.map((file, k) => [file, units[k]!] as const),
      async ([file, text]) => {
        await writeFile(`${file}.c`, text);
        await run(compiler, [...flags, "-c", `${file}.c`, "-o", `${file}.o`]);
      },
    );
    const library = join(folder, "library");
    await run(compiler, [...linkFlags, ...files.map((file) => `${file}.o`), "-o", library]);
    return library;
  });
}
