import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { backend } from "../../backends/index.ts";
import { InklingError } from "../../base/error.ts";
import { whole } from "../../base/format.ts";
import { removeRemains } from "../../base/node/exchange.ts";
import { checkWritable, writeFilesAtomic } from "../../base/node/writeFile.ts";
import { goldenVectors } from "../../export/exportable.ts";
import type { WhichWeights } from "../../runs/node/record.ts";
import type { FormName } from "../arguments.ts";
import { explain } from "../explain.ts";
import { createTerminal, printSummary } from "../terminal.ts";
import { type ExportedFile, type Form, formOf, forms } from "./forms.ts";
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
  const name = formOf(target, "--to", options.to);
  const form = forms[name];
  refuseOthersOptions(name, options);
  await refuseExisting(form, target, options);
  const folder = form.folderOf ? target : dirname(target);
  await checkWritable(existsSync(folder) ? join(folder, basename(target)) : resolve(folder));
  const on = backend(options.backend);
  const subject = await openSubject(path, on, options, terminal);
  const { trained, test, about } = subject;
  const { simd, relaxed } = options;
  const { files, ramBytes, flashBytes } = await form.make(trained, {
    ...about,
    ...(typeof test !== "string" && { golden: await goldenVectors(trained, test) }),
    name: basename(target),
    arithmetic: on.arithmetic,
    simd,
    relaxed,
  });
  const paths = files.map((file) => join(folder, file.name));
  if (!form.folderOf) for (const beside of paths) await refuseExisting(form, beside, options);
  let proof: Proof | undefined;
  try {
    if (form.run) proof = await prove(form, files, subject, { on, terminal });
  } catch (error) {
    if (!(error instanceof InklingError) || error.code === "FILE_SYSTEM") throw error;
    if (error.code !== "UNSUPPORTED")
      throw new InklingError(error.code, `${target} is not written: ${error.message}; please report this`, {
        cause: error,
      });
    terminal.note(`Not run and compared: ${explain(error)}`);
  }
  await writeInto(resolve(folder), files);
  const bytes = files.reduce((sum, { contents }) => sum + Buffer.byteLength(contents), 0);
  const memory = ramBytes === undefined || flashBytes === undefined ? {} : { ramBytes, flashBytes };
  terminal.out(`${(form.folderOf ? [target] : paths).join(" and ")}: ${whole(bytes)} bytes`);
  for (const line of describeProof(proof ?? { goldenVectors: 0 }, memory)) terminal.out(line);
  if (!options.json) return;
  printSummary({ model: path, target, form: name, bytes, ...proof, ...memory });
}

/** Writes files into a folder; one that does not exist appears with all of them. */
async function writeInto(folder: string, files: readonly ExportedFile[]): Promise<void> {
  if (existsSync(folder)) return writeFilesAtomic(folder, files);
  const inFolder = files.map(({ name, contents }) => ({ name: `${basename(folder)}/${name}`, contents }));
  await writeFilesAtomic(dirname(folder), inFolder);
}

/** Throws `INVALID_ARGUMENT` for an option of another form. */
function refuseOthersOptions(name: FormName, options: ExportCommandOptions): void {
  for (const [other, { option }] of Object.entries(forms))
    if (option && options[option] && other !== name)
      throw new InklingError("INVALID_ARGUMENT", `--${option} is an option of the form ${other}, not of ${name}`);
}

/** Throws `INVALID_ARGUMENT` if a target is there and may not be replaced; a folder must hold the same files. */
async function refuseExisting({ folderOf }: Form, target: string, { force }: ExportCommandOptions): Promise<void> {
  await removeRemains(folderOf ? target : dirname(target), folderOf ? undefined : new Set([basename(target)]));
  const invalid = (message: string) => new InklingError("INVALID_ARGUMENT", message);
  const found = statSync(target, { throwIfNoEntry: false });
  if (!found) return;
  if (folderOf) {
    if (!found.isDirectory()) throw invalid(`${target} is a file; name a folder`);
    const there = readdirSync(target);
    if (there.length === 0) return;
    if (!folderOf.every((file) => there.includes(file)))
      throw invalid(`${target} contains other files, and no package to replace; name another folder`);
  } else if (found.isDirectory()) throw invalid(`${target} is a folder; name a file in it`);
  if (!force) throw invalid(`${target} already exists; choose another name, or replace it with --force`);
}
