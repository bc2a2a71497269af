import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { avx2, avx512, type Machine, neon, sse } from "../../../ir/machine.ts";

/** A C compiler, and what it reports about the processor. */
export interface Compiler {
  /** The program, and its first arguments. */
  readonly command: readonly string[];
  /** Such as "gcc 12.2.0". */
  readonly name: string;
  /** How the code is compiled. */
  readonly flags: readonly string[];
  /** What schedules are chosen for, and whether the processor fuses multiply and add. */
  readonly machine: Machine;
  readonly fma: boolean;
  /** The instruction sets that the code may use, as the compiler names them. */
  readonly features: readonly string[];
  /** Differs where the compiler or the processor does. */
  readonly fingerprint: string;
}

const PROBE_SECONDS = 10;
const MAX_OUTPUT = 1 << 22;
/** Tree-PRE carries a window's values from step to step in registers, and spills; vectors are ours to choose. */
const gccFlags = ["-fno-tree-pre", "-fno-tree-vectorize"];
/** gcc 12 does not know Zen 4, and what it does instead loads the same vector again for each multiply-add. */
const gccOnX86 = ["-mtune=generic"];
const clangFlags = ["-fno-vectorize", "-fno-slp-vectorize"];
const commonFlags = [
  "-std=gnu11",
  "-O2",
  "-fPIC",
  "-fno-math-errno",
  "-fno-trapping-math",
  "-ffp-contract=off", // a multiply-add is fused where the IR says so, and nowhere else
  "-w",
  "-Werror=implicit-function-declaration",
];
/** Flags for this processor's instructions, in the order in which they are tried: for gcc and clang, and for Apple's clang. */
const thisProcessor: readonly string[] = ["-march=native", "-mcpu=native"];

/** The compilers that are tried, in order: that of the environment, then what systems have. */
export const compilerCommands = ({ CC }: NodeJS.ProcessEnv): readonly (readonly string[])[] => [
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

/** The machine to schedule for, from what the compiler may use. */
function machineOf(features: readonly string[]): Machine | undefined {
  const has = (...names: readonly string[]) => names.every((name) => features.includes(name));
  if (has("AVX512F", "AVX512VL", "AVX2", "FMA")) return avx512;
  if (has("AVX2", "FMA")) return avx2;
  if (has("ARM_NEON")) return neon;
  return has("SSE2") ? sse : undefined;
}

/** The macros that a compiler defines for this processor, or the reason why they cannot be read. */
function macrosFor([program, ...first]: readonly string[], processor: string): { readonly text: string } | string {
  const { status, stdout, error } = spawnSync(program!, [...first, processor, "-dM", "-E", "-x", "c", "/dev/null"], {
    encoding: "utf8",
    timeout: PROBE_SECONDS * 1000,
    killSignal: "SIGKILL",
    maxBuffer: MAX_OUTPUT,
    stdio: ["ignore", "pipe", "ignore"],
  });
  const { code } = (error ?? {}) as NodeJS.ErrnoException;
  if (code === "ENOENT") return "is not there";
  if (code === "ETIMEDOUT") return `did not answer in ${PROBE_SECONDS} s`;
  if (error) return error.message;
  return status === 0 ? { text: stdout } : "failed";
}

/** What one compiler is, for this processor or another, or the reason why it cannot be used. */
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

/** The first compiler that answers; where none does, why, in a line. */
export function findCompiler(environment: NodeJS.ProcessEnv = process.env): Compiler | string {
  const reasons: string[] = [];
  for (const command of compilerCommands(environment)) {
    const found = probeCompiler(command);
    if (typeof found !== "string") return found;
    reasons.push(found);
  }
  return `no C compiler (${reasons.join(", ")}); install gcc or clang, or name one in CC`;
}
