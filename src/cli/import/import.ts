import { backend } from "../../backends/index.ts";
import { InklingError } from "../../base/error.ts";
import { fileSize, quantity } from "../../base/format.ts";
import { read } from "../../base/node/readFile.ts";
import { writeFileAtomic } from "../../base/node/writeFile.ts";
import type { OnnxImportOptions } from "../../export/onnx/foreign.ts";
import { type ImportedModel, importOnnx } from "../../export/onnx/importOnnx.ts";
import type { PerChannel } from "../../ops/normalize.ts";
import { encodeModel } from "../../runs/modelFile.ts";
import { weightsSha256 } from "../../training/weightsSha256.ts";
import { checkNewFile } from "../newFile.ts";
import { createTerminal, printSummary } from "../terminal.ts";
import "../../engine/node/setUp.ts";

export interface ImportCommandOptions {
  /** The names of the classes, or a file of them. */
  readonly classes?: readonly string[] | string;
  readonly mean?: PerChannel;
  readonly scale?: PerChannel;
  readonly force?: boolean;
  readonly json?: boolean;
}

/**
 * Writes the model of an ONNX file as one of Inkling's. Throws `INVALID_ARGUMENT` if the target already exists, unless
 * forced, and if classes or levels are not given to a file of another tool, or are to a file that Inkling exported; and as
 * `importOnnx` does.
 */
export async function importCommand(path: string, target: string, options: ImportCommandOptions): Promise<void> {
  const { force = false, json = false } = options;
  const terminal = createTerminal({ json });
  checkNewFile(target, force);
  const given = await givenBy(options);
  const { trained } = imported(path, await read(path, "specify an .onnx file"), given);
  if (given && told(trained.model) !== told(given))
    throw new InklingError(
      "INVALID_ARGUMENT",
      `${path} is from Inkling, and has classes and levels of its own; leave out --classes, --mean and --scale`,
    );
  const { model, weights } = trained;
  const bytes = encodeModel(trained);
  await writeFileAtomic(target, bytes);
  const count = [...weights.values()].reduce((sum, { length }) => sum + length, 0);
  terminal.out(
    `${target}: ${quantity(model.classes.length, "class", "classes")} of images of ${model.input.join("×")}, ${quantity(model.layers.length, "layer")}, ${quantity(count, "weight")}, ${fileSize(bytes.length)}`,
  );
  if (!json) return;
  const summary = { model: path, target, bytes: bytes.length, input: model.input, classes: model.classes };
  printSummary({ ...summary, weights: count, weightsSha256: await weightsSha256(weights) });
}

/** What a file of another tool does not say itself, and its model then has as it was given. */
const told = ({ classes, preprocessing }: Pick<OnnxImportOptions, "classes" | "preprocessing">): string =>
  JSON.stringify([classes, preprocessing.mean, preprocessing.scale]);

/** The model of a file, whose errors name the file. */
function imported(path: string, bytes: Uint8Array, options: OnnxImportOptions | undefined): ImportedModel {
  try {
    return importOnnx(bytes, backend("wasm"), options);
  } catch (cause) {
    if (cause instanceof InklingError) throw new InklingError(cause.code, `${path}: ${cause.message}`, { cause });
    throw cause;
  }
}

/** What the options say of a file of another tool; undefined if they say nothing. */
async function givenBy({ classes, mean, scale }: ImportCommandOptions): Promise<OnnxImportOptions | undefined> {
  if (classes === undefined) {
    if (mean === undefined && scale === undefined) return undefined;
    throw new InklingError("INVALID_ARGUMENT", "--mean and --scale need the names of the classes; add --classes");
  }
  const names = typeof classes === "string" ? await linesOf(classes) : classes;
  return { classes: names, preprocessing: { mean: mean ?? 0, scale: scale ?? 255 } };
}

/** The lines of a text file, without spaces around them and empty ones at the end. */
async function linesOf(path: string): Promise<readonly string[]> {
  const text = new TextDecoder().decode(await read(path, "specify a file of names, or names with commas between them"));
  return text
    .trimEnd()
    .split("\n")
    .map((line) => line.trim());
}
