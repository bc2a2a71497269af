import { existsSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { type Backend, backend } from "../../backends/index.ts";
import { compilerHere } from "../../backends/native/node/nativeOrWasm.ts";
import { InklingError } from "../../base/error.ts";
import { FORMAT_VERSION } from "../../base/formatVersion.ts";
import { writeFilesAtomic } from "../../base/node/writeFile.ts";
import { allRows } from "../../datasets/index.ts";
import type { TrainedModel } from "../../evaluation/trainedModel.ts";
import { type Agreement, agreementOf, type Logits } from "../../export/agreement.ts";
import { exportC } from "../../export/c/exportC.ts";
import { commandFor, compileC } from "../../export/c/node/runC.ts";
import { type ExportOptions, type GoldenSource, goldenVectors } from "../../export/exportable.ts";
import { exportOnnx } from "../../export/onnx/exportOnnx.ts";
import { importOnnx } from "../../export/onnx/importOnnx.ts";
import { percent, whole } from "../../report/format.ts";
import { openRun } from "../../runs/node/openRun.ts";
import type { WhichWeights } from "../../runs/node/record.ts";
import type { TrainingSpec } from "../../training/spec.ts";
import { TrainingData } from "../../training/trainingData.ts";
import { isFolder, openModel } from "../openModel.ts";
import { openRunData } from "../openRunData.ts";
import { createTerminal, type Terminal } from "../terminal.ts";
import "../../setUp.node.ts";

export interface ExportCommandOptions {
  readonly to?: Form;
  readonly weights?: WhichWeights;
  readonly license?: string;
  readonly simd?: boolean;
  readonly force?: boolean;
  readonly backend: string;
  readonly json?: boolean;
}

/** An exported model that is not written yet. */
interface Made {
  /** The first is the target. */
  readonly files: readonly { readonly name: string; readonly contents: Uint8Array | string }[];
  /** Computes logits with these files; undefined if this machine cannot run them. */
  readonly runs?: Logits | undefined;
  /** The largest relative difference of logits that is accepted. */
  readonly bound: number;
  /** More figures, available after the logits of the test images have been computed. */
  readonly figures?: () => Readonly<Record<string, number>>;
  readonly remove?: () => Promise<void>;
}

interface Making {
  readonly trained: TrainedModel;
  readonly name: string;
  readonly on: Backend;
  readonly about: ExportOptions;
  readonly simd: boolean;
  readonly terminal: Terminal;
}

/** The largest relative difference of logits that rounding explains. */
const ROUNDING = 1e-4;

async function makeOnnx({ trained, name, on, about }: Making): Promise<Made> {
  const bytes = await exportOnnx(trained, about);
  return { files: [{ name, contents: bytes }], runs: importOnnx(bytes, on).trained, bound: ROUNDING };
}

/** C rounds multiply-adds once, so its logits are those of a back end that does, bit for bit. */
async function makeC({ trained, name, on, about: { golden, ...about }, simd, terminal }: Making): Promise<Made> {
  const isExact = on.arithmetic === "fma";
  const options = { ...about, ...(isExact && golden && { golden }), name: name.replace(/\.c$/i, ""), simd };
  const { files, ramBytes, flashBytes } = await exportC(trained, options);
  const ordered = files.toSorted((a, b) => a.name.localeCompare(b.name)); // the source before its header
  const compiler = compilerHere();
  const memory = { ramBytes, flashBytes };
  if (typeof compiler === "string") {
    terminal.note(`Not compiled and compared: ${compiler}`);
    return { files: ordered, bound: 0, figures: () => memory };
  }
  const program = await compileC(files, commandFor(compiler));
  return {
    files: ordered,
    runs: program,
    bound: isExact ? 0 : ROUNDING,
    figures: () => ({ ...memory, ...(program.microseconds() > 0 && { microsecondsPerImage: program.microseconds() }) }),
    remove: program.remove,
  };
}

const forms = { onnx: makeOnnx, c: makeC } as const;
type Form = keyof typeof forms;

/**
 * Writes a model in another form, after running it and comparing it with the run's model on the run's test images. Throws
 * `INVALID_ARGUMENT` if the target is there already, unless forced, and `INVALID_DATA`, keeping nothing, if the two differ
 * by more than the form may.
 */
export async function exportCommand(path: string, target: string, options: ExportCommandOptions): Promise<void> {
  const terminal = createTerminal({ json: options.json ?? false });
  const form = formOf(target, options.to);
  const folder = dirname(resolve(target));
  refuseExisting([target], options);
  const on = backend(options.backend);
  const { trained, test, about } = await open(path, on, options, terminal);
  const golden = test && (await goldenVectors(trained, test));
  const { simd = false } = options;
  const noted = { ...about, ...(golden && { golden }) };
  const made = await forms[form]({ trained, name: basename(target), on, about: noted, simd, terminal });
  const { files, runs, bound } = made;
  try {
    refuseExisting(
      files.map(({ name }) => join(dirname(target), name)),
      options,
    );
    const agreement = test && runs && (await agreementOf(trained, runs, test.dataset, test.rows));
    if (agreement && !(agreement.difference <= bound))
      throw new InklingError(
        "INVALID_DATA",
        `${target} is not written: its logits differ from the model's by ${agreement.difference}, at most ${bound} of the largest was expected; please report this`,
      );
    await writeFilesAtomic(folder, files);
    const bytes = files.reduce((sum, { contents }) => sum + Buffer.byteLength(contents), 0);
    const figures = made.figures?.() ?? {};
    const written = files.map(({ name }) => join(dirname(target), name)).join(" and ");
    terminal.out(`${written}: ${whole(bytes)} bytes`);
    if (agreement) for (const line of describe(agreement)) terminal.out(line);
    for (const line of describeFigures(figures)) terminal.out(line);
    if (!options.json) return;
    const summary = { formatVersion: FORMAT_VERSION, model: path, target, form, bytes, agreement, ...figures };
    process.stdout.write(`${JSON.stringify(summary)}\n`);
  } finally {
    await made.remove?.();
  }
}

function refuseExisting(paths: readonly string[], { force }: ExportCommandOptions): void {
  const there = paths.find((path) => existsSync(path));
  if (there === undefined || force) return;
  throw new InklingError(
    "INVALID_ARGUMENT",
    `${there} is there already; name another file, or replace it with --force`,
  );
}

function describeFigures({ ramBytes, flashBytes, microsecondsPerImage }: Readonly<Record<string, number>>) {
  const memory = `  working memory ${whole(ramBytes ?? 0)} bytes, weights and names ${whole(flashBytes ?? 0)} bytes`;
  const time = `  ${microsecondsPerImage?.toFixed(1)} µs an image, on one thread`;
  return [...(ramBytes === undefined ? [] : [memory]), ...(microsecondsPerImage === undefined ? [] : [time])];
}

function formOf(target: string, to: Form | undefined): Form {
  const found = to ?? (Object.keys(forms) as Form[]).find((form) => target.toLowerCase().endsWith(`.${form}`));
  if (found) return found;
  throw new InklingError(
    "INVALID_ARGUMENT",
    `${target}: its name does not say the form; end it in ${Object.keys(forms)
      .map((form) => `.${form}`)
      .join(" or ")}, or give --to`,
  );
}

interface Opened {
  readonly trained: TrainedModel;
  /** The images that the model was tested on, if available. */
  readonly test?: Required<GoldenSource> | undefined;
  readonly about: ExportOptions;
}

async function open(
  path: string,
  on: Backend,
  { weights, license }: ExportCommandOptions,
  terminal: Terminal,
): Promise<Opened> {
  const given = license === undefined ? {} : { license };
  if (!(await isFolder(path))) {
    terminal.note(`Not compared on images: ${path} does not say what it was tested on`);
    return { trained: await openModel(path, on, weights), about: given };
  }
  const { trained, config } = await openRun(path, on, weights);
  const about = { run: basename(resolve(path)), ...given };
  return { trained, test: await testImages(config, terminal), about };
}

/** A run's test images; undefined, with a note, if they are missing or have changed. */
async function testImages(config: TrainingSpec, terminal: Terminal): Promise<Opened["test"]> {
  try {
    const { data, test } = await openRunData(config, {}, terminal);
    const { split, seed } = config;
    const divided = new TrainingData(data, { split, seed, ...(test && { test }) });
    const { fingerprint, testFingerprint } = await divided.spec;
    if (fingerprint !== config.data.fingerprint || testFingerprint !== config.data.testFingerprint)
      throw new InklingError("INVALID_DATA", "the data have changed since the run was trained");
    return test
      ? { dataset: test, rows: allRows(test), seed }
      : { dataset: data, rows: divided.division.split.test, seed };
  } catch (error) {
    if (!(error instanceof InklingError)) throw error;
    terminal.note(`Not compared on the test images: ${error.message}`);
    return undefined;
  }
}

const describe = ({ images, difference, equalAnswers, accuracy }: Agreement): readonly string[] => [
  `  ${whole(images)} test images: ${whole(equalAnswers)} equal answers, largest relative difference of logits ${difference.toExponential(1)}`,
  `  accuracy ${percent(accuracy[1])}%, of the run's model ${percent(accuracy[0])}%`,
];
