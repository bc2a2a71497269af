import { statSync } from "node:fs";
import { basename, join } from "node:path";
import type { Arithmetic, Backend } from "../../backends/index.ts";
import { compilerHere } from "../../backends/native/node/nativeOrWasm.ts";
import { detectFeatures } from "../../backends/wasm/features.ts";
import { InklingError } from "../../base/error.ts";
import { read } from "../../base/node/readFile.ts";
import { sizeOf } from "../../base/shape.ts";
import type { TrainedModel } from "../../evaluation/trainedModel.ts";
import type { Logits } from "../../export/agreement.ts";
import { exportC, type TextFile } from "../../export/c/exportC.ts";
import { commandFor, compileC } from "../../export/c/node/runC.ts";
import { exportCard } from "../../export/card/exportCard.ts";
import type { ExportOptions, GoldenVector } from "../../export/exportable.ts";
import { exportOnnx } from "../../export/onnx/exportOnnx.ts";
import { importOnnx } from "../../export/onnx/importOnnx.ts";
import { exportPackage, packageFiles } from "../../export/package/exportPackage.ts";
import { openPackage } from "../../export/package/node/openPackage.ts";
import { exportWasm } from "../../export/wasm/exportWasm.ts";
import { openWasm } from "../../export/wasm/openWasm.ts";
import type { WasmClassifier } from "../../export/wasm/wasmClassifier.ts";
import { type FormName, formNames } from "../arguments.ts";

/** A file of an exported model. */
export interface ExportedFile {
  readonly name: string;
  readonly contents: Uint8Array | string;
}

/** How to export, as the command's options say it. */
interface FormOptions extends ExportOptions {
  /** The target's name, without its folder. */
  readonly name: string;
  /** How the logits of golden vectors were rounded. */
  readonly arithmetic: Arithmetic;
  readonly simd?: boolean | undefined;
  readonly relaxed?: boolean | undefined;
}

/** An exported model that runs here. */
export interface RunningForm extends Logits {
  /** The class names, if it tells them. */
  readonly classes?: readonly string[];
  /** Images with logits that it carries and has not checked itself. */
  readonly golden: readonly GoldenVector[];
  /** The largest relative difference of logits that is accepted. */
  readonly bound: number;
  /** Measures how many microseconds one image takes on one thread, if they are the form's own. */
  readonly microsecondsPerImage?: () => number | Promise<number>;
  readonly remove?: () => Promise<void>;
}

/** A form in which a model is exported. */
export interface Form {
  /** Whether a target's name says that it is of this form. */
  readonly isNamed: (target: string) => boolean;
  /** The names of the files, if a target is the folder of all of them. Default: it is the first file, others lie beside it. */
  readonly folderOf?: readonly string[];
  /** The option of the command that this form alone has. */
  readonly option?: "simd" | "relaxed";
  /** Reads exported files again, from the target. Throws `NOT_FOUND` if one of them is missing. */
  readonly read: (target: string) => Promise<readonly ExportedFile[]>;
  readonly make: (
    trained: TrainedModel,
    options: FormOptions,
  ) => Promise<{ readonly files: readonly ExportedFile[]; readonly ramBytes?: number; readonly flashBytes?: number }>;
  /**
   * Runs exported files, to be compared with a model on a back end. Throws `UNSUPPORTED`, saying why, if this machine
   * cannot, and `INVALID_DATA` if they are damaged. Undefined for a form that computes nothing.
   */
  readonly run?: (files: readonly ExportedFile[], on: Backend) => Promise<RunningForm>;
}

/** The largest relative difference of logits that rounding explains. */
const ROUNDING = 1e-4;

const bytesOf = ({ contents }: ExportedFile): Uint8Array =>
  typeof contents === "string" ? new TextEncoder().encode(contents) : contents;
const textOf = ({ name, contents }: ExportedFile): TextFile => ({
  name,
  contents: typeof contents === "string" ? contents : new TextDecoder().decode(contents),
});

const onnx: Form = {
  isNamed: endsIn(".onnx"),
  read: async (target) => [await readExported(target)],
  async make(trained, { name, ...about }) {
    return { files: [{ name, contents: await exportOnnx(trained, about) }] };
  },
  run: async ([file], on) => {
    const { trained, golden } = importOnnx(bytesOf(file!), on);
    const { classes } = trained.model;
    return { logits: (pixels) => trained.logits(pixels), classes, golden, bound: ROUNDING };
  },
};

/** C rounds multiply-adds once, so its logits are those of a back end that does, bit for bit. */
const c: Form = {
  isNamed: endsIn(".c"),
  option: "simd",
  read: (target) => Promise.all([target, target.replace(/c$/i, "h")].map(readExported)),
  async make(trained, { name, golden, arithmetic, simd = false, ...about }) {
    const checked = arithmetic === "fma" && golden && { golden };
    const options = { ...about, ...checked, simd, name: name.replace(/\.c$/i, "") };
    const { files, ramBytes, flashBytes } = await exportC(trained, options);
    const sourceFirst = files.toSorted((a, b) => Number(b.name.endsWith(".c")) - Number(a.name.endsWith(".c")));
    return { files: sourceFirst, ramBytes, flashBytes };
  },
  async run(files, on) {
    const compiler = compilerHere();
    if (typeof compiler === "string") throw new InklingError("UNSUPPORTED", compiler);
    const program = await compileC(files.map(textOf), commandFor(compiler));
    return {
      logits: (pixels) => program.logits(pixels),
      golden: [], // its self-test has checked them
      bound: on.arithmetic === "fma" ? 0 : ROUNDING,
      microsecondsPerImage: () => program.microseconds(),
      remove: () => program.remove(),
    };
  },
};

/** Nothing where the module and the model both round multiply-adds once. */
const boundOf = ({ isRelaxed }: WasmClassifier, on: Backend): number =>
  isRelaxed && detectFeatures().fma && on.arithmetic === "fma" ? 0 : ROUNDING;

const wasm: Form = {
  isNamed: endsIn(".wasm"),
  option: "relaxed",
  read: async (target) => [await readExported(target)],
  async make(trained, { name, relaxed = false, ...about }) {
    const { bytes, ramBytes, flashBytes } = await exportWasm(trained, { ...about, relaxed });
    return { files: [{ name, contents: bytes }], ramBytes, flashBytes };
  },
  async run([file], on) {
    const { classifier, golden } = openWasm(bytesOf(file!));
    const { input, classes } = classifier.metadata;
    return {
      ...oneByOne((pixels) => classifier.logits(pixels), sizeOf(input)),
      classes,
      golden,
      bound: boundOf(classifier, on),
    };
  },
};

const readExported = async (path: string): Promise<ExportedFile> => ({
  name: basename(path),
  contents: await read(path, "name what inkling export wrote"),
});

const npm: Form = {
  isNamed: (target) => target.endsWith("/") || (statSync(target, { throwIfNoEntry: false })?.isDirectory() ?? false),
  folderOf: packageFiles,
  read: (target) => Promise.all(packageFiles.map((name) => readExported(join(target, name)))),
  async make(trained, { name, ...about }) {
    const { files, ramBytes, flashBytes } = await exportPackage(trained, { ...about, name: packageName(name) });
    return { files, ramBytes, flashBytes };
  },
  async run(files, on) {
    const { classifier, golden } = openWasm(bytesOf(files.find(({ name }) => name === "model.wasm")!));
    const { labels, logits, remove } = await openPackage(files);
    return {
      ...oneByOne(logits, sizeOf(classifier.metadata.input)),
      classes: labels,
      golden,
      bound: boundOf(classifier, on),
      remove,
    };
  },
};

/** A name that npm allows, as close to a folder's as can be. */
const packageName = (folder: string): string =>
  folder
    .normalize("NFKD")
    .replaceAll(/\p{Mark}/gu, "") // accents
    .toLowerCase()
    .replaceAll(/[^a-z0-9._~-]+/g, "-")
    .replace(/^[._-]+|-+$/g, "")
    .slice(0, 214) || "image-classifier";

/** A model card computes nothing. */
const card: Form = {
  isNamed: endsIn(".md"),
  read: async (target) => [await readExported(target)],
  async make(trained, { name, ...about }) {
    return { files: [{ name, contents: await exportCard(trained, about) }] };
  },
};

/** All forms, by the name that `--to` gives them. */
export const forms: Readonly<Record<FormName, Form>> = { onnx, c, wasm, npm, card };

/** The form of a target: that of the option `flag`, or by its name. Throws `INVALID_ARGUMENT` if neither says it. */
export function formOf(target: string, flag: "--to" | "--form", given?: FormName): FormName {
  const found = given ?? formNames.find((name) => forms[name].isNamed(target));
  if (found) return found;
  throw new InklingError(
    "INVALID_ARGUMENT",
    `${target}: its name does not say the form; end it in .onnx, .c, .wasm or .md, or in / for an npm package, or name the form with ${flag}`,
  );
}

/** How long images are computed to measure their time, after as long to warm up. */
const MEASURED_MICROSECONDS = 100_000;

/** What computes images of `size` bytes one after the other. */
function oneByOne(
  logitsOf: (pixels: Uint8Array) => Float32Array,
  size: number,
): Pick<RunningForm, "logits" | "microsecondsPerImage"> {
  const measure = (): number => {
    const image = new Uint8Array(size);
    const start = process.cpuUsage();
    for (let count = 1; ; count++) {
      logitsOf(image);
      const { user, system } = process.cpuUsage(start);
      if (user + system >= MEASURED_MICROSECONDS) return (user + system) / count;
    }
  };
  return {
    async logits(pixels) {
      const images = Array.from({ length: pixels.length / size }, (_, i) => pixels.subarray(i * size, (i + 1) * size));
      return Float32Array.from(images.flatMap((image) => [...logitsOf(image)]));
    },
    microsecondsPerImage: () => {
      measure();
      return measure();
    },
  };
}

function endsIn(ending: string): (target: string) => boolean {
  return (target) => target.toLowerCase().endsWith(ending);
}
