import { lower } from "../../backends/lower/lower.ts";
import { Assembler, assemble, type WasmFunction, type WasmModule } from "../../backends/wasm/assembler.ts";
import { op, type } from "../../backends/wasm/opcodes.ts";
import { renderRoutines } from "../../backends/wasm/render.ts";
import { sizeOf } from "../../base/shape.ts";
import { layOut } from "../../compiler/straightLine.ts";
import type { TrainedModel } from "../../evaluation/trainedModel.ts";
import { wasm128 } from "../../ir/machine.ts";
import { type ExportOptions, exportable, metadataOf } from "../exportable.ts";
import { constantsOf, type InferencePlan, planInference } from "../inferencePlan.ts";
import { encodeGolden, sections } from "./sections.ts";

/** How a model is written as WebAssembly. */
export interface WasmExportOptions extends ExportOptions {
  /**
   * Whether multiply-adds are those of relaxed SIMD, rounded once where the processor can, which not every engine runs;
   * with `also`, the module's own code does without, and a second module of code alone, in the custom section
   * `inkling.relaxed`, has them: it imports the first one's memory as `env.memory`. Default: false.
   */
  readonly relaxed?: boolean | "also";
}

/** A model as WebAssembly. */
export interface WasmExport {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Bytes of memory besides weights and names: the image, results, and what is computed in between. */
  readonly ramBytes: number;
  /** Bytes of weights and class names; the code comes on top. */
  readonly flashBytes: number;
}

/** A vector's bytes: vectors do not straddle cache lines. */
const ALIGNMENT = 16;
const PAGE_BYTES = 65536;

/**
 * A trained model as one WebAssembly module, which imports nothing. Its memory holds the weights and no more pages than
 * it needs. It exports `memory`, `compute_logits()`, `classify()`, which returns the number of the most probable class, and
 * constants: the addresses `pixels` (bytes [H,W,C]), `logits` and `probabilities` (floats [K]), and `class_names` (the
 * address and the number of bytes of each name in UTF-8), and the numbers `height`, `width`, `channels` and `classes`.
 * Batch normalization is folded, and what depends on the weights alone is computed here. Throws `INVALID_DATA` if a weight
 * is not finite.
 */
export async function exportWasm(trained: TrainedModel, options: WasmExportOptions = {}): Promise<WasmExport> {
  const exported = await exportable(trained, options);
  const { model, weights, golden = [] } = exported;
  const plan = planInference(exported, wasm128);
  const layout = layOutMemory(plan, constantsOf(plan, weights), model);
  const { relaxed = false } = options;
  const [height, width, channels] = model.input;
  const code = (fma: boolean) => renderFunctions(plan, layout, model.classes.length, fma);
  const memory = { pages: Math.ceil(layout.bytes / PAGE_BYTES), shared: false };
  const module: WasmModule = {
    memory,
    data: layout.data,
    constants: { ...layout.addresses, height, width, channels, classes: model.classes.length },
    custom: {
      [sections.metadata]: new TextEncoder().encode(
        JSON.stringify({ ...metadataOf(exported), input: model.input, relaxed: relaxed === true }),
      ),
      ...(golden.length > 0 && { [sections.golden]: encodeGolden(golden) }),
      ...(relaxed === "also" && { [sections.relaxed]: assemble(code(true), { memory }) }),
    },
  };
  return {
    bytes: assemble(code(relaxed === true), module),
    ramBytes: layout.bytes - layout.data.length,
    flashBytes: layout.data.length,
  };
}

interface MemoryLayout {
  readonly bytes: number;
  /** Where each buffer is. */
  readonly offsets: ReadonlyMap<string, number>;
  /** Weights and class names, from address 0. */
  readonly data: Uint8Array;
  /** What a caller needs to know. */
  readonly addresses: { readonly [name in "pixels" | "logits" | "probabilities" | "class_names"]: number };
}

/** Weights first, then the names of the classes, the image, the results, and what is computed in between. */
function layOutMemory(
  { logits, softmax, buffers }: InferencePlan,
  constants: ReadonlyMap<string, Float32Array>,
  { input, classes }: { readonly input: readonly number[]; readonly classes: readonly string[] },
): MemoryLayout {
  let end = 0;
  const take = (bytes: number): number => {
    const start = end;
    end = ALIGNMENT * Math.ceil((start + bytes) / ALIGNMENT);
    return start;
  };
  const offsets = new Map([...constants].map(([name, values]) => [name, take(4 * values.length)]));
  const names = classes.map((name) => new TextEncoder().encode(name));
  const classNames = take(8 * names.length);
  let text = take(names.reduce((sum, { length }) => sum + length, 0));
  const data = new Uint8Array(end);
  const view = new DataView(data.buffer);
  for (const [name, values] of constants)
    for (const [i, value] of values.entries()) view.setFloat32(offsets.get(name)! + 4 * i, value, true);
  for (const [k, name] of names.entries()) {
    view.setUint32(classNames + 8 * k, text, true);
    view.setUint32(classNames + 8 * k + 4, name.length, true);
    data.set(name, text);
    text += name.length;
  }
  const addresses = {
    pixels: take(sizeOf(input)),
    logits: take(4 * classes.length),
    probabilities: take(4 * classes.length),
    class_names: classNames,
  };
  offsets.set(buffers.pixels, addresses.pixels);
  offsets.set(buffers.logits, addresses.logits);
  offsets.set(buffers.softmaxLogits, addresses.logits);
  offsets.set(buffers.probabilities, addresses.probabilities);
  const given = new Set(offsets.keys());
  const layouts = [logits, softmax].map((line) => layOut(line, given, ALIGNMENT));
  for (const layout of layouts) for (const [name, offset] of layout.offsets) offsets.set(name, end + offset);
  return { bytes: end + Math.max(...layouts.map(({ bytes }) => bytes)), offsets, data, addresses };
}

/** A function for each step, `compute_logits`, which calls those of the network, and `classify`. */
function renderFunctions(
  { logits, softmax, buffers }: InferencePlan,
  { offsets, bytes }: MemoryLayout,
  classes: number,
  fma: boolean,
): readonly WasmFunction[] {
  const kernels = [...logits.steps, ...softmax.steps].map(({ name, body }) => ({ name, axes: [], body }));
  const steps = renderRoutines(lower(kernels), { offsets, bytes }, { fma });
  if (steps.length !== kernels.length) throw new Error("export: a step calls a function of its own");
  const compute = new Assembler([]);
  for (const k of logits.steps.keys()) compute.call(k);
  const classify = new Assembler([]);
  classify.call(steps.length);
  for (const k of softmax.steps.keys()) classify.call(logits.steps.length + k);
  pushArgMax(classify, offsets.get(buffers.probabilities)!, classes);
  return [
    ...steps.map((f) => ({ ...f, exported: false })),
    { name: "compute_logits", exported: true, parameters: 0, body: compute.body() },
    { name: "classify", exported: true, parameters: 0, returnsIndex: true, body: classify.body() },
  ];
}

/** Pushes the index of the largest of some floats; of equal ones, the first. */
function pushArgMax(code: Assembler, address: number, count: number): void {
  const push = (name: string) => code.get(name, type.i32);
  const pushElement = (index: string) => {
    push(index);
    code.i32(4);
    code.plain(op.i32Mul);
    code.loadFloat(address);
  };
  // Locals start at 0, and the first element is not larger than itself.
  code.plain(op.loop, type.empty);
  push("k");
  push("best");
  pushElement("k");
  pushElement("best");
  code.plain(op.f32Greater, op.select);
  code.set("best", type.i32);
  push("k");
  code.i32(1);
  code.plain(op.i32Add);
  code.tee("k", type.i32);
  code.i32(count);
  code.plain(op.i32LessUnsigned, op.branchIf, 0, op.end);
  push("best");
}
