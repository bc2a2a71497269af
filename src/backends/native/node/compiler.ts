import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { avx2, avx512, type Machine, neon, sse } from "../../../ir/machine.ts";

/** A C compiler, and its view of the processor. */
export interface Compiler {
  /** The program, and its first arguments. */
  readonly command: readonly string[];
  /** Its name and version, such as "gcc 12.2.0". */
  readonly name: string;
  /** The flags to compile with. */
  readonly flags: readonly string[];
  /** The machine to schedule for, and whether the processor has a fused multiply-add. */
  readonly machine: Machine;
  readonly fma: boolean;
  /** The instruction sets that the code may use, by the compiler's names. */
  readonly features: readonly string[];
  /** A hash that differs between compilers and processors. */
  readonly fingerprint: string;
}

const PROBE_SECONDS = 10;
const MAX_OUTPUT = 1 << 22;
/** Tree-PRE carries values from iteration to iteration in registers, and spills. Vectorization is up to our scheduler. */
const gccFlags = ["-fno-tree-pre", "-fno-tree-vectorize"];
/** gcc 12 does not know Zen 4, and its tuning for it reloads the same vector for each multiply-add. */
const gccOnX86 = ["-mtune=generic"];
const clangFlags = ["-fno-vectorize", "-fno-slp-vectorize"];
const commonFlags = [
  "-std=gnu11",
  "-O2",
  "-fPIC",
  "-fno-math-errno",
  "-fno-trapping-math",
  "-ffp-contract=off", // only the multiply-adds of the IR are fused
  "-w",
  "-Werror=implicit-function-declaration",
];
/** The flags that select this processor, in the order in which they are tried: for gcc and clang, then for Apple's clang. */
const thisProcessor: readonly string[] = ["-march=native", "-mcpu=native"];

/** The compilers to try, in order: the one in the environment, then common ones. */
const compilerCommands = ({ CC }: NodeJS.ProcessEnv): readonly (readonly string[])[] => [
  ...(CC?.trim() ? [CC.trim().split(/\s+/)] : []),
  ["cc"],
  ["gcc"],
  ["clang"],
  ["zig", "cc"],
];

/** The macros that a compiler defines, by name. */
function macrosOf(text: string): ReadonlyMap<string, string> {
  const lines = text.split("\n").map((line) => /^#define (\w+) ?(.*)$/.exec(line));
  return new Map(lines.flatMap((found) => (found ? [[found[1]!, found[2]!] as const] : [])));
}

const featureMacros = ["SSE2", "SSE4_1", "AVX", "AVX2", "FMA", "AVX512F", "AVX512VL", "ARM_NEON"];

/** The machine to schedule for, given the instruction sets that the compiler may use. */
function machineOf(features: readonly string[]): Machine | undefined {
  const has = (...names: readonly string[]) => names.every((name) => features.includes(name));
  if (has("AVX512F", "AVX512VL", "AVX2", "FMA")) return avx512;
  if (has("AVX2", "FMA")) return avx2;
  if (has("ARM_NEON")) return neon;
  return has("SSE2") ? sse : undefined;
}

/** The macros that a compiler defines for a processor, or the reason why they cannot be read. */
function macrosFor([program, ...first]: readonly string[], processor: string): { readonly text: string } | string {
  const { status, stdout, error } = spawnSync(program!, [...first, processor, "-dM", "-E", "-x", "c", "/dev/null"], {
    encoding: "utf8",
    timeout: PROBE_SECONDS * 1000,
    killSignal: "SIGKILL",
    maxBuffer: MAX_OUTPUT,
    stdio: ["ignore", "pipe", "ignore"],
  });
  const { code } = (error ?? {}) as NodeJS.ErrnoException;
  if (code === "ENOENT") return "was not found";
  if (code === "ETIMEDOUT") return `did not respond within ${PROBE_SECONDS} s`;
  if (error) return error.message;
  return status === 0 ? { text: stdout } : "failed";
}

/** Probes a compiler, for this processor or another one. Returns the reason if it cannot be used. */
export function probeCompiler(command: readonly string[], processors = thisProcessor): Compiler | string {
  const shown = command.join(" ");
  let reason = "";
  for (const processor of processors) {
    const answer = macrosFor(command, processor);
    if (typeof answer !== "string") return describe(command, processor, answer.text);
    reason = answer;
    if (answer !== "failed") break;
  }
  return `${shown} ${reason}`;
}

function describe(command: readonly string[], processor: string, text: string): Compiler | string {
  const macros = macrosOf(text);
  const features = featureMacros.filter((name) => macros.has(`__${name}__`) || macros.has(`__${name}`));
  const machine = machineOf(features);
  if (!macros.has("__GNUC__") || macros.get("__SIZEOF_POINTER__") !== "8" || !machine)
    return `${command.join(" ")} does not compile for a 64-bit x86 or ARM processor`;
  const isClang = macros.has("__clang__");
  const isArm = features.includes("ARM_NEON");
  const version = (macros.get("__VERSION__") ?? "").replaceAll('"', "");
  return {
    command,
    name: isClang ? version.replace(/^.*?clang\s*/i, "clang ").trim() : `gcc ${version}`,
    flags: [...commonFlags, ...(isClang ? clangFlags : gccFlags), ...(isClang || isArm ? [] : gccOnX86), processor],
    machine,
    fma: features.includes("FMA") || isArm,
    features,
    fingerprint: createHash("sha256").update(text).digest("hex"),
  };
}

/** The first usable compiler, or one line that says why there is none. */
export function findCompiler(): Compiler | string {
  const reasons: string[] = [];
  for (const command of compilerCommands(process.env)) {
    const found = probeCompiler(command);
    if (typeof found !== "string") return found;
    reasons.push(found);
  }
  return `no C compiler (${reasons.join(", ")}); install gcc or clang, or set CC to a compiler`;
}
