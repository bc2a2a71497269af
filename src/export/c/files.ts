import { prelude, type Width } from "../../backends/native/prelude.ts";
import { setThresholdFor, thresholdFor } from "../../evaluation/modelCalibration.ts";
import { available } from "../../evaluation/thresholdsReport.ts";
import type { Exportable } from "../exportable.ts";
import { floatLiteral, numberLines, scalarFunctions } from "./render.ts";

/** The names of a C export. */
export interface Identifiers {
  /** Of the two files, without their endings. */
  readonly file: string;
  /** A macro, such as MODEL_CLASSES. */
  readonly macro: (part: string) => string;
  /** What the header declares, such as model_classify. */
  readonly api: (part: string) => string;
  /** What the source keeps for itself; differs from all others. */
  readonly own: (part: string) => string;
}

/** All that the two files say. */
export interface CContents extends Exportable {
  readonly identifiers: Identifiers;
  /** The widths of vectors; none for single floats. */
  readonly simd: readonly number[];
  readonly arrays: readonly { readonly identifier: string; readonly values: Float32Array }[];
  readonly functions: readonly string[];
  /** Statements that compute logits and turn logits into probabilities in place. */
  readonly logitsCalls: readonly string[];
  readonly softmaxCalls: readonly string[];
  readonly ramBytes: number;
  readonly flashBytes: number;
}

/** Text for a comment of C: whatever could end it, or go on in the next line, is replaced. */
export const commentText = (text: string): string => text.replaceAll(/[^A-Za-z0-9 .,:;()[\]<>=_+-]/g, "_");

/** A string of C with the bytes of the text in UTF-8. */
export function stringLiteral(text: string): string {
  const bytes = Array.from(new TextEncoder().encode(text), (byte) => {
    const c = String.fromCharCode(byte);
    // Octal escapes have up to three digits, so what follows cannot join them; "?" could begin a trigraph.
    return /[A-Za-z0-9 !#-&(->@[\]^-~]/.test(c) ? c : `\\${byte.toString(8).padStart(3, "0")}`;
  });
  return `"${bytes.join("")}"`;
}

/** The lines that both files begin with. */
function headOf({ identifiers: { file }, model, run, license, weightsSha256 }: CContents, ending: string): string {
  const lines = [
    `${file}.${ending}: an image classifier of ${model.classes.length} classes, written by Inkling.`,
    ...(run === undefined ? [] : [`Run: ${run}`]),
    `SHA-256 of the weights as trained: ${weightsSha256}`,
    ...(license === undefined ? [] : [`License of the weights: ${license}`]),
  ];
  return `/*\n${lines.map((line) => ` * ${commentText(line)}\n`).join("")} */\n`;
}

/** The header. */
export function renderHeader(contents: CContents): string {
  const { identifiers, model, ramBytes, flashBytes } = contents;
  const { macro, api } = identifiers;
  const [height, width, channels] = model.input;
  const define = (name: string, value: number | string, comment: string) =>
    `#define ${macro(name).padEnd(24)} ${`${value}`.padStart(8)} /* ${comment} */\n`;
  return `${headOf(contents, "h")}#ifndef ${macro("H")}
#define ${macro("H")}

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

${[
  define("HEIGHT", height, "of an image, in pixels"),
  define("WIDTH", width, "of an image, in pixels"),
  define("CHANNELS", channels, "bytes of a pixel"),
  define("CLASSES", model.classes.length, "of which it chooses one"),
  define("RAM_BYTES", ramBytes, "of working memory"),
  define("FLASH_BYTES", flashBytes, "of weights and names; the code comes on top"),
  ...thresholdsOf(contents).map(({ name, value, comment }) => define(name, floatLiteral(Math.fround(value)), comment)),
].join("")}
/* The names of the classes, in UTF-8. */
extern const char *const ${api("class_names")}[${macro("CLASSES")}];

/*
 * pixels: HEIGHT * WIDTH * CHANNELS bytes, row by row, just as in the images that it was trained on.
 * memory: RAM_BYTES bytes, aligned for floats; what is in them before and after a call does not matter.
 */

/* Computes the logits of an image in the memory given. May run in several threads, each with memory of its own. */
void ${api("logits_in")}(float *memory, const uint8_t *pixels, float *logits);
/* Computes the probability of each class in the memory given, and returns the number of the most probable class. */
int ${api("classify_in")}(float *memory, const uint8_t *pixels, float *probabilities);

/* The same in static memory, so in one thread at a time. Absent if ${macro("NO_MEMORY")} is defined. */
#ifndef ${macro("NO_MEMORY")}
void ${api("logits")}(const uint8_t *pixels, float *logits);
int ${api("classify")}(const uint8_t *pixels, float *probabilities);
#endif

#ifdef __cplusplus
}
#endif

#endif
`;
}

/** Targets of accuracy and coverages that a header has thresholds for, where the validation images show them. */
const SHARES = [0.9, 0.95, 0.98, 0.99] as const;

/** The thresholds of a model's calibration, as constants. */
function thresholdsOf({ calibration }: Exportable): readonly { name: string; value: number; comment: string }[] {
  if (!calibration) return [];
  return [
    ...available(SHARES, (share) => ({
      name: `CONFIDENCE_${Math.round(100 * share)}`,
      value: thresholdFor(calibration, share).threshold,
      comment: "answers with at least this probability are right this often, in percent",
    })),
    ...available(SHARES, (share) => ({
      name: `IN_SET_${Math.round(100 * share)}`,
      value: Math.max(0, 1 - setThresholdFor(calibration, share).score),
      comment: "classes with at least this probability, and the best one, contain the right one this often",
    })),
  ];
}

/** The source. */
export function renderSource(contents: CContents): string {
  const { identifiers, model, arrays, functions, logitsCalls, softmaxCalls } = contents;
  const { file, macro, api } = identifiers;
  const code = functions.join("\n");
  const calls = (statements: readonly string[]) => statements.map((statement) => `  ${statement}\n`).join("");
  return `${headOf(contents, "c")}
/*
 * Multiply-adds are rounded once, as fmaf does, so logits are those of the run to the bit. Compile for a processor that
 * has them, such as with -O2 -march=native, or define ${macro("MUL_ADD")} to round twice, which is faster on other processors but
 * changes the last bits. Defining ${macro("SELF_TEST")} adds a main that checks the logits of a few images.
 */
#include "${file}.h"
#include <string.h>

${conventions(contents, code)}
const char *const ${api("class_names")}[${macro("CLASSES")}] = {
${model.classes.map((label) => `  ${stringLiteral(label)}`).join(",\n")}
};

${arrays.map(({ identifier, values }) => arrayOf("float", identifier, Array.from(values, floatLiteral))).join("\n")}
${code}
void ${api("logits_in")}(float *memory, const uint8_t *pixels, float *logits)
{
${calls(logitsCalls)}}

int ${api("classify_in")}(float *memory, const uint8_t *pixels, float *probabilities)
{
  int best = 0;
  ${api("logits_in")}(memory, pixels, probabilities);
${calls(softmaxCalls)}  for (int k = 1; k < ${macro("CLASSES")}; k++)
    if (probabilities[k] > probabilities[best]) best = k;
  return best;
}

#ifndef ${macro("NO_MEMORY")}
static float ${api("memory")}[${macro("RAM_BYTES")} / sizeof(float)];

void ${api("logits")}(const uint8_t *pixels, float *logits)
{
  ${api("logits_in")}(${api("memory")}, pixels, logits);
}

int ${api("classify")}(const uint8_t *pixels, float *probabilities)
{
  return ${api("classify_in")}(${api("memory")}, pixels, probabilities);
}
#endif
${selfTest(contents)}`;
}

/** What differs between compilers and languages, and the functions of one line that the code uses. */
function conventions({ identifiers: { macro }, simd }: CContents, code: string): string {
  const contraction = `#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#elif defined(__GNUC__)
#pragma GCC optimize("fp-contract=off")
#elif defined(_MSC_VER)
#pragma fp_contract(off)
#endif
#ifdef __cplusplus
#define RESTRICT
#else
#define RESTRICT restrict
#endif
`;
  if (simd.length > 0) {
    const widths = simd as readonly Width[];
    return `${contraction}#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wpsabi"
#ifndef __clang__
#pragma GCC optimize("no-tree-pre", "no-tree-vectorize") /* which would move sums from registers to memory */
#endif
#ifdef ${macro("MUL_ADD")}
${prelude(widths, false)}
#else
${prelude(widths, true)}
#endif
`;
  }
  const fma = `#ifdef ${macro("MUL_ADD")}
#define MUL_ADD(a, b, c) ((a) * (b) + (c))
#else
#include <math.h>
#define MUL_ADD(a, b, c) fmaf(a, b, c)
#endif
`;
  const root = code.includes("sqrt1(") ? `#ifdef ${macro("MUL_ADD")}\n#include <math.h>\n#endif\n` : "";
  return `${contraction}${fma}${root}\n${scalarFunctions(code)}\n`;
}

const arrayOf = (type: string, name: string, values: readonly string[]): string =>
  `static const ${type} ${name}[${values.length}] = {\n${numberLines(values.map((value, k) => (k < values.length - 1 ? `${value},` : value)))}\n};\n`;

/** A main that compares the logits of the golden vectors. */
function selfTest({ identifiers, golden = [], model }: CContents): string {
  if (golden.length === 0) return "";
  const { macro, api, own } = identifiers;
  const [pixels, logits] = [own("golden pixels"), own("golden logits")];
  return `
#ifdef ${macro("SELF_TEST")}
#include <stdio.h>

${arrayOf(
  "uint8_t",
  pixels,
  golden.flatMap((g) => Array.from(g.pixels, String)),
)}
${arrayOf(
  "float",
  logits,
  golden.flatMap((g) => Array.from(g.logits, floatLiteral)),
)}
int main(void)
{
  static float memory[${macro("RAM_BYTES")} / sizeof(float)];
  float found[${macro("CLASSES")}];
  int wrong = 0;
  for (int i = 0; i < ${golden.length}; i++) {
    int differs = 0;
    ${api("logits_in")}(memory, &${pixels}[i * ${macro("HEIGHT")} * ${macro("WIDTH")} * ${macro("CHANNELS")}], found);
    for (int k = 0; k < ${macro("CLASSES")}; k++) {
      float wanted = ${logits}[i * ${macro("CLASSES")} + k], distance = found[k] - wanted;
#ifdef ${macro("MUL_ADD")}
      float bound = 1e-4f + 1e-4f * (wanted < 0.0f ? -wanted : wanted);
#else
      float bound = 0.0f;
#endif
      if (!(distance <= bound && -distance <= bound)) differs = 1;
    }
    wrong += differs;
  }
  printf("%d of ${golden.length} images have the logits of the run (${model.classes.length} classes)\\n", ${golden.length} - wrong);
  return wrong == 0 ? 0 : 1;
}
#endif
`;
}
