import { existsSync } from "node:fs";
import { basename, resolve } from "node:path";
import { type Backend, backend } from "../../backends/index.ts";
import { InklingError } from "../../base/error.ts";
import { FORMAT_VERSION } from "../../base/formatVersion.ts";
import { writeFileAtomic } from "../../base/node/writeFile.ts";
import { allRows } from "../../datasets/index.ts";
import type { TrainedModel } from "../../evaluation/trainedModel.ts";
import { type Agreement, agreementOf } from "../../export/agreement.ts";
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
  readonly force?: boolean;
  readonly backend: string;
  readonly json?: boolean;
}

/** Makes the bytes of a form, and reads them again as a model. */
const forms = {
  onnx: {
    write: exportOnnx,
    read: (bytes: Uint8Array, on: Backend): TrainedModel => importOnnx(bytes, on).trained,
  },
} as const;
type Form = keyof typeof forms;

/** The largest relative difference of logits with which an exported model is kept. */
const BOUND = 1e-4;

/**
 * Writes a model in the form of others, after it is read again and compared with the run's model on the run's test images.
 * Throws `INVALID_ARGUMENT` where the target is there already, unless forced, and `INVALID_DATA`, keeping nothing,
 * where the two differ by more than rounding.
 */
export async function exportCommand(path: string, target: string, options: ExportCommandOptions): Promise<void> {
  const terminal = createTerminal({ json: options.json ?? false });
  const form = formOf(target, options.to);
  if (existsSync(target) && !options.force)
    throw new InklingError(
      "INVALID_ARGUMENT",
      `${target} is there already; name another file, or replace it with --force`,
    );
  const on = backend(options.backend);
  const { trained, test, about } = await open(path, on, options, terminal);
  const golden = test && (await goldenVectors(trained, test));
  const bytes = await forms[form].write(trained, { ...about, ...(golden && { golden }) });
  const read = forms[form].read(bytes, on);
  const agreement = test && (await agreementOf(trained, read, test.dataset, test.rows));
  if (agreement && !(agreement.difference <= BOUND))
    throw new InklingError(
      "INVALID_DATA",
      `${target} is not written: its logits differ from the model's by ${agreement.difference}, at most ${BOUND} of the largest was expected; please report this`,
    );
  await writeFileAtomic(resolve(target), bytes);
  terminal.out(`${target}: ${whole(bytes.length)} bytes`);
  if (agreement) for (const line of describe(agreement)) terminal.out(line);
  if (!options.json) return;
  const summary = { formatVersion: FORMAT_VERSION, model: path, target, form, bytes: bytes.length, agreement };
  process.stdout.write(`${JSON.stringify(summary)}\n`);
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
  /** The images that the model was tested on, where they are there. */
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

/** A run's test images; undefined, with a note, where they are gone or have changed. */
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
