import { Names } from "../../backends/native/names.ts";
import { InklingError } from "../../base/error.ts";
import { quoted } from "../../base/printable.ts";
import { layOut, type Step, type StraightLayout } from "../../compiler/straightLine.ts";
import type { TrainedModel } from "../../evaluation/trainedModel.ts";
import { avx2, avx512, type Machine, scalarMachine } from "../../ir/machine.ts";
import { accessesOf } from "../../ir/traverse.ts";
import type { View } from "../../ir/types.ts";
import { type Exportable, type ExportOptions, exportable } from "../exportable.ts";
import { constantsOf, planInference } from "../inferencePlan.ts";
import { commentText, type Identifiers, renderHeader, renderSource } from "./files.ts";
import { renderSteps } from "./render.ts";

/** How a model is written in C. */
export interface CExportOptions extends ExportOptions {
  /** What the two files are called, and what all names in them begin with. Default: "model". */
  readonly name?: string;
  /** Uses the vectors of gcc and clang in place of single floats. Default: false. */
  readonly simd?: boolean;
}

/** What a function is written for: the first that the compiler has the instructions of. */
interface Target {
  /** What the preprocessor tests. */
  readonly condition?: string;
  readonly machine: Machine;
}
const vectorTargets: readonly Target[] = [
  { condition: "defined(__AVX512F__) && defined(__AVX512VL__)", machine: avx512 },
  { machine: avx2 },
];

/** A text file. */
export interface TextFile {
  readonly name: string;
  readonly contents: string;
}

/** A model in C, and the memory that it needs. */
export interface CExport {
  /** The header and the source. */
  readonly files: readonly TextFile[];
  /** Bytes of working memory. */
  readonly ramBytes: number;
  /** A lower bound on `ramBytes`: the largest sum of what one function reads and writes. */
  readonly leastRamBytes: number;
  /** Bytes of weights and class names; the code comes on top. */
  readonly flashBytes: number;
}

/**
 * A trained model as C99: a header and a source that allocate nothing and use no library but `fmaf`, and `sqrtf` where a
 * layer takes roots. Its logits equal the model's bit for bit. Batch normalization is folded, and what depends on the
 * weights alone is computed here. Throws `INVALID_DATA` if a weight is not finite, and
 * `INVALID_ARGUMENT` for a name that a header cannot have.
 */
export async function exportC(trained: TrainedModel, options: CExportOptions = {}): Promise<CExport> {
  const exported = await exportable(trained, options);
  const { name = "model", simd = false } = options;
  if (!/^[A-Za-z0-9_][A-Za-z0-9_. -]*$/.test(name))
    throw new InklingError(
      "INVALID_ARGUMENT",
      `export: name is ${quoted(name)}, expected letters, digits, _, -, dots and spaces; C includes the header by it`,
    );
  const targets = simd ? vectorTargets : [{ machine: scalarMachine }];
  const plans = targets.map(({ machine }) => planInference(exported, machine));
  const plan = plans[0]!;
  const { logits: line, softmax: endLine, buffers } = plan;
  const constants = constantsOf(plan, exported.weights);
  const given = new Map([
    [buffers.pixels, "pixels"],
    [buffers.logits, "logits"],
    [buffers.probabilities, "probabilities"],
  ]);
  const layout = layOut(line, new Set([...given.keys(), ...constants.keys()]));
  const endLayout = layOut(endLine, new Set(given.keys()));

  const identifiers = identifiersOf(name);
  const arrays = new Map(
    [...constants].map(([buffer, values]) => [buffer, { identifier: identifiers.own(buffer), values }]),
  );
  const names = {
    step: (step: string) => identifiers.own(`compute ${shortName(step)}`),
    constant: (buffer: string) => arrays.get(buffer)?.identifier,
  };
  const render = (part: "logits" | "softmax") =>
    renderSteps(
      plans.map((each, k) => ({ condition: targets[k]!.condition, steps: each[part].steps })),
      names,
      (step) => comment(step, plan[part].buffers),
    );
  const [steps, last] = [render("logits"), render("softmax")];
  const ramBytes = Math.max(layout.bytes, endLayout.bytes);
  const placeIn =
    ({ offsets }: Pick<StraightLayout, "offsets">) =>
    (buffer: string) =>
      given.get(buffer) ?? `memory + ${offsets.get(buffer)! / 4}`;
  const contents = {
    ...exported,
    identifiers,
    simd: targets[0]!.machine.widths,
    arrays: [...arrays.values()],
    functions: [...steps, ...last].map(({ source }) => source),
    logitsCalls: steps.map((step) => callOf(step, placeIn(layout))),
    softmaxCalls: [
      `memcpy(${placeIn(endLayout)(buffers.softmaxLogits)}, probabilities, ${4 * exported.model.classes.length});`,
      ...last.map((step) => callOf(step, placeIn(endLayout))),
    ],
    ramBytes,
    flashBytes: flashBytes(exported, constants),
  };
  return {
    files: [
      { name: `${name}.h`, contents: renderHeader(contents) },
      { name: `${name}.c`, contents: renderSource(contents) },
    ],
    ramBytes,
    leastRamBytes: layout.least,
    flashBytes: contents.flashBytes,
  };
}

const callOf = (
  { identifier, buffers }: { readonly identifier: string; readonly buffers: readonly string[] },
  place: (buffer: string) => string,
): string => `${identifier}(${buffers.map(place).join(", ")});`;

const flashBytes = ({ model }: Exportable, constants: ReadonlyMap<string, Float32Array>): number =>
  [...constants.values()].reduce((sum, values) => sum + 4 * values.length, 0) +
  model.classes.reduce((sum, label) => sum + new TextEncoder().encode(label).length + 1, 0);

/** Names that do not clash: those that the header declares, and all others. */
function identifiersOf(name: string): Identifiers {
  const prefix = name.replaceAll(/[^A-Za-z0-9]+/g, "_").replace(/^(?=\d)/, "m");
  const names = new Names(`${prefix}_`);
  for (const taken of ["logits", "logits_in", "classify", "classify_in", "class_names", "memory"]) names.of(taken);
  return {
    file: name,
    macro: (part) => `${prefix}_${part}`.toUpperCase(),
    api: (part) => `${prefix}_${part}`,
    own: (part) => names.of(`${part}!`),
  };
}

/** What a step reads and writes, with shapes. */
function comment({ name, body }: Step, buffers: ReadonlyMap<string, View>): string {
  const { stores, loads } = accessesOf(body);
  const shown = (refs: readonly { readonly view: View }[]): string => {
    const views = new Map(refs.filter(({ view }) => view.space === "memory").map(({ view }) => [view.name, view]));
    return [...views.keys()]
      .map((buffer) => `${shortName(buffer)} [${(buffers.get(buffer) ?? views.get(buffer)!).shape.join(", ")}]`)
      .join(", ");
  };
  const from = shown(loads.filter(({ view }) => !stores.some((s) => s.view.name === view.name)));
  return commentText(`${shortName(name)}: ${from === "" ? "zeros" : from} -> ${shown(stores)}`);
}

const shortName = (name: string): string => name.replace(/^(predict|softmax)[_/]/, "");
