import { availableParallelism, cpus } from "node:os";
import { backend } from "../../backends/index.ts";
import { compilerHere } from "../../backends/native/node/nativeOrWasm.ts";
import { detectFeatures } from "../../backends/wasm/features.ts";
import { VERSION } from "../../base/formatVersion.ts";
import { availableThreads } from "../../engine/threads.ts";
import "../../engine/node/setUp.ts";
import { fileSize } from "../../base/format.ts";
import { measureCache } from "../cache/command.ts";
import { createTerminal, printSummary } from "../terminal.ts";

/** The hardware of this machine, and the back ends available on it. */
async function describeMachine() {
  const compiler = compilerHere();
  const { name, arithmetic, machine, note } = backend();
  return {
    inkling: VERSION,
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    cpu: cpus()[0]?.model.trim() || "unknown",
    processors: availableParallelism(),
    compiler:
      typeof compiler === "string"
        ? { found: false, reason: compiler }
        : {
            found: true,
            command: compiler.command.join(" "),
            name: compiler.name,
            flags: compiler.flags,
            features: compiler.features,
          },
    wasm: { simd: true, relaxedSimd: detectFeatures().fma },
    backend: name,
    reason: note ?? reasonFor(name),
    arithmetic,
    vectorWidth: machine.widths[0] ?? 1,
    threads: availableThreads(name),
    cache: await measureCache(),
  };
}

function reasonFor(name: string): string {
  if (process.env["INKLING_BACKEND"]) return `set by INKLING_BACKEND`;
  return name === "native" ? "there is a C compiler" : "the only one available";
}

/** Prints the hardware of this machine, and which back end training uses. */
export async function infoCommand({ json = false }: { readonly json?: boolean }): Promise<void> {
  const info = await describeMachine();
  if (json) {
    printSummary(info);
    return;
  }
  const { out, bold } = createTerminal();
  const { compiler, cache } = info;
  const rows: readonly (readonly [string, string])[] = [
    ["Inkling", `${info.inkling}, Node ${info.node}, ${info.platform}`],
    ["processor", `${info.cpu}, ${info.processors} processors`],
    [
      "C compiler",
      compiler.found ? `${compiler.name} (${compiler.command}): ${compiler.features!.join(" ")}` : compiler.reason!,
    ],
    ["WebAssembly", `128-bit SIMD, ${info.wasm.relaxedSimd ? "fused multiply-add" : "no fused multiply-add"}`],
    ["cache", `${cache.path}: ${fileSize(cache.code.bytes)} of code, ${fileSize(cache.datasets.bytes)} of data sets`],
    [
      "trains on",
      `${info.backend} (${info.reason}), ${info.threads} threads, vectors of ${info.vectorWidth}, arithmetic ${info.arithmetic}`,
    ],
  ];
  for (const [name, value] of rows) out(`${bold(name.padEnd(12))} ${value}`);
}
