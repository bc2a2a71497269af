import { existsSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { backend } from "../../backends/index.ts";
import { InklingError } from "../../base/error.ts";
import { whole } from "../../base/format.ts";
import { FORMAT_VERSION } from "../../base/formatVersion.ts";
import { writeFilesAtomic } from "../../base/node/writeFile.ts";
import { goldenVectors } from "../../export/exportable.ts";
import type { WhichWeights } from "../../runs/node/record.ts";
import { explain } from "../explain.ts";
import { createTerminal } from "../terminal.ts";
import { type ExportedFile, type FormName, formOf, forms } from "./forms.ts";
import { describeProof, type Proof, prove } from "./prove.ts";
import { openSubject } from "./subject.ts";
import "../../setUp.node.ts";

export interface ExportCommandOptions {
  readonly to?: FormName;
  readonly weights?: WhichWeights;
  readonly license?: string;
  readonly simd?: boolean;
  readonly relaxed?: boolean;
  readonly force?: boolean;
  readonly backend: string;
  readonly json?: boolean;
}

/**
 * Writes a model in another form, after running it and comparing it with the run's model on the run's test images. Throws
 * `INVALID_ARGUMENT` if the target already exists, unless forced, and `INVALID_DATA`, keeping nothing, if the two differ
 * by more than the form may.
 */
export async function exportCommand(path: string, target: string, options: ExportCommandOptions): Promise<void> {
  const terminal = createTerminal({ json: options.json ?? false });
  const name = formOf(target, options.to);
  const form = forms[name];
  refuseExisting([target], options);
  const on = backend(options.backend);
  const { trained, test, about } = await openSubject(path, on, options, terminal);
  const { simd, relaxed } = options;
  const { files, ramBytes, flashBytes } = await form.make(trained, {
    ...about,
    ...(test && { golden: await goldenVectors(trained, test) }),
    name: basename(target),
    arithmetic: on.arithmetic,
    simd,
    relaxed,
  });
  const folder = form.isFolder ? target : dirname(target);
  refuseExisting(
    files.map((file) => join(folder, file.name)),
    options,
  );
  let proof: Proof | undefined;
  try {
    if (form.run) proof = await prove(form, files, { trained, on, test });
  } catch (error) {
    if (!(error instanceof InklingError)) throw error;
    if (error.code !== "UNSUPPORTED")
      throw new InklingError(error.code, `${target} is not written: ${error.message}; please report this`, {
        cause: error,
      });
    terminal.note(`Not run and compared: ${explain(error)}`);
  }
  await writeInto(resolve(folder), files);
  const bytes = files.reduce((sum, { contents }) => sum + Buffer.byteLength(contents), 0);
  const memory = ramBytes === undefined || flashBytes === undefined ? {} : { ramBytes, flashBytes };
  const written = form.isFolder ? [target] : files.map((file) => join(folder, file.name));
  terminal.out(`${written.join(" and ")}: ${whole(bytes)} bytes`);
  for (const line of describeProof(proof ?? { goldenVectors: 0 }, memory)) terminal.out(line);
  if (!options.json) return;
  const summary = { formatVersion: FORMAT_VERSION, model: path, target, form: name, bytes, ...proof, ...memory };
  process.stdout.write(`${JSON.stringify(summary)}\n`);
}

/** Writes files into a folder; one that does not exist appears with all of them. */
async function writeInto(folder: string, files: readonly ExportedFile[]): Promise<void> {
  if (existsSync(folder)) return writeFilesAtomic(folder, files);
  const inFolder = files.map(({ name, contents }) => ({ name: `${basename(folder)}/${name}`, contents }));
  await writeFilesAtomic(dirname(folder), inFolder);
}

function refuseExisting(paths: readonly string[], { force }: ExportCommandOptions): void {
  const there = paths.find((path) => existsSync(path));
  if (there === undefined || force) return;
  throw new InklingError("INVALID_ARGUMENT", `${there} already exists; name another file, or replace it with --force`);
}
