import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Compiler } from "../../../backends/native/node/compiler.ts";
import { runProgram } from "../../../backends/native/node/process.ts";
import { InklingError } from "../../../base/error.ts";
import { temporaryFolder } from "../../../base/node/temporaryFolder.ts";
import { writeFileAtomic, writeFilesAtomic } from "../../../base/node/writeFile.ts";
import type { TextFile } from "../exportC.ts";

const COMPILE_SECONDS = 120;
const RUN_SECONDS = 600;

/** A compiled export, in a temporary folder. */
export interface CProgram {
  /** The logits [N,K] of images [N,H,W,C]. Throws `INVALID_DATA` if the program fails. */
  logits(pixels: Uint8Array): Promise<Float32Array>;
  /** Measures how many microseconds one image takes on one thread. Throws as `logits` does. */
  microseconds(): Promise<number>;
  /** Removes the program. */
  remove(): Promise<void>;
}

/** How C is compiled: the command, with options, that gets the files. */
export type CompileCommand = readonly string[];

/** How this machine's compiler builds an export for this machine. */
export const commandFor = ({ command, flags }: Compiler): CompileCommand => [
  ...command,
  "-std=c99",
  "-O2",
  flags.at(-1)!, // for this processor
];

/** A program that writes the logits of a file of images to another or, without files, prints the time of one image in µs. */
const mainOf = (name: string, prefix: string, macro: string): string => `#include "${name}.h"
#include <stdio.h>
#include <time.h>

static uint8_t pixels[${macro}_HEIGHT * ${macro}_WIDTH * ${macro}_CHANNELS];

int main(int count, char **arguments)
{
  float logits[${macro}_CLASSES];
  if (count == 3) {
    FILE *from = fopen(arguments[1], "rb"), *to = fopen(arguments[2], "wb");
    if (!from || !to) return 1;
    while (fread(pixels, sizeof pixels, 1, from) == 1) {
      ${prefix}_logits(pixels, logits);
      if (fwrite(logits, sizeof logits, 1, to) != 1) return 1;
    }
    return fclose(to) == 0 ? 0 : 1;
  }
  clock_t start = clock(), now = start;
  int runs = 0;
  while (now - start < CLOCKS_PER_SEC / 10) {
    ${prefix}_logits(pixels, logits);
    runs++;
    now = clock();
  }
  printf("%.3f\\n", 1e6 * (double)(now - start) / CLOCKS_PER_SEC / runs);
  return 0;
}
`;

/**
 * Compiles an export and runs its self-test, if it has one. Throws `UNSUPPORTED` if the compiler fails, and
 * `INVALID_DATA` if the self-test does; `FILE_SYSTEM` if there is no room for temporary files.
 */
export async function compileC(files: readonly TextFile[], command: CompileCommand): Promise<CProgram> {
  const folder = await temporaryFolder("c");
  const path = (file: string) => join(folder.path, file);
  const source = files.find(({ name }) => name.endsWith(".c"))!;
  const prefix = /(\w+)_logits_in\(/.exec(source.contents)![1]!;
  const macro = prefix.toUpperCase();
  const compile = (sources: readonly string[], program: string, options: readonly string[] = []) =>
    run([...command, ...options, ...sources.map(path), "-o", path(program), "-lm"], COMPILE_SECONDS, "UNSUPPORTED");
  try {
    const main = { name: "inkling-main.c", contents: mainOf(source.name.slice(0, -2), prefix, macro) };
    await writeFilesAtomic(folder.path, [...files, main]);
    await compile([source.name, "inkling-main.c"], "program");
    if (source.contents.includes(`#ifdef ${macro}_SELF_TEST`)) {
      await compile([source.name], "test", [`-D${macro}_SELF_TEST`]);
      await run([path("test")], RUN_SECONDS, "INVALID_DATA");
    }
  } catch (error) {
    await folder.remove();
    throw error;
  }
  const start = (...files: readonly string[]) =>
    run([path("program"), ...files.map(path)], RUN_SECONDS, "INVALID_DATA");
  return {
    async logits(pixels) {
      await writeFileAtomic(path("images"), pixels);
      await start("images", "logits");
      return new Float32Array(Uint8Array.from(await readFile(path("logits"))).buffer);
    },
    microseconds: async () => Number(await start()),
    remove: () => folder.remove(),
  };
}

/** What a program printed. */
async function run(command: readonly string[], seconds: number, code: "UNSUPPORTED" | "INVALID_DATA"): Promise<string> {
  const { status, stdout, stderr, failure } = await runProgram(command, [], seconds);
  if (status === 0) return stdout;
  const said = [failure, ...stderr.trim().split("\n"), stdout.trim()].filter((line) => line).slice(0, 3);
  throw new InklingError(code, `export: ${command[0]} failed: ${said.join("; ") || `it ended with status ${status}`}`);
}
