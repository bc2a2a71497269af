import { message, optionRef } from "../../../base/error.ts";
import { bar, duration, whole } from "../../../base/format.ts";
import { checkWritable, writeFileAtomic } from "../../../base/node/writeFile.ts";
import { printable } from "../../../base/printable.ts";
import { writePng } from "../../../image/node/writePng.ts";
import {
  type Audit,
  applyFixes,
  auditLabels,
  auditRecord,
  backend,
  type Dataset,
  InklingError,
  type ProposeOptions,
  proposeFixes,
} from "../../../index.ts";
import { readFixes, writeFixes } from "../../../node.ts";
import { auditSheet } from "../../../report/auditSheet.ts";
import { auditReservation, describeAudit } from "../../../report/describeAudit.ts";
import { interruptible } from "../../interrupt.ts";
import { loadRecipe } from "../../loadRecipe.ts";
import { checkNewFile } from "../../newFile.ts";
import { openSource } from "../../openSource.ts";
import { createTerminal, printSummary, type Terminal } from "../../terminal.ts";
import { trainingValues } from "../../trainingFlags.ts";

export interface AuditCommandOptions extends ProposeOptions {
  readonly folds: number;
  readonly top: number;
  readonly out?: string;
  readonly png?: string;
  readonly html?: string;
  readonly writeFixes?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** Audits the labels of a data set, prints the worst, and saves the requested files. */
export async function auditCommand(source: string, options: AuditCommandOptions): Promise<void> {
  const terminal = createTerminal({ json: options.json ?? false });
  await checkOptions(options);
  const { dataset, audit } = await interruptible((signal) => run(source, options, terminal, signal)).finally(() =>
    terminal.clear(),
  );
  for (const line of describeAudit(audit, options.top)) terminal.out(line);
  const reservation = auditReservation(audit);
  if (reservation) terminal.note(reservation);
  await save(dataset, audit, options, terminal);
  if (options.json) printSummary(auditRecord(audit));
}

/** Checks options and files first, since an audit takes minutes. Throws `INVALID_ARGUMENT` or `FILE_SYSTEM`. */
async function checkOptions({ folds, out, png, html, writeFixes: fixes, force }: AuditCommandOptions): Promise<void> {
  if (!Number.isInteger(folds) || folds < 2)
    throw new InklingError(
      "INVALID_ARGUMENT",
      message`audit: ${optionRef("folds")} is ${folds}, expected a whole number of at least 2`,
    );
  if (fixes !== undefined) checkNewFile(fixes, force ?? false);
  for (const path of [out, png, html, fixes]) if (path !== undefined) await checkWritable(path);
}

async function run(source: string, options: AuditCommandOptions, terminal: Terminal, signal: AbortSignal) {
  const { folds } = options;
  const { recipe: named = "fast", fixes = [], machine, overrides, ...opening } = trainingValues(options);
  const { epochs, seed } = overrides;
  const recipe = await loadRecipe(named);
  const on = backend(machine.backend);
  const dataset = await openSource(source, terminal, { ...opening, fixes, signal });
  const kept = (await Promise.all(fixes.map((path) => keptRows(dataset, path)))).flat();
  terminal.note(terminal.dim(`Training ${folds} models of the recipe ${recipe.name} on ${on.name} (${on.arithmetic})`));
  const audit = await auditLabels(dataset, {
    recipe,
    folds,
    backend: on,
    kept,
    signal,
    ...(epochs !== undefined && { epochs }),
    ...(seed !== undefined && { seed }),
    ...(machine.threads !== undefined && { threads: machine.threads }),
    onProgress: ({ fold, share, imagesPerSecond, secondsLeft }) =>
      terminal.progress(
        `Auditing  ${bar(share)}  fold ${fold} of ${folds}  ${whole(imagesPerSecond)} images/s  ${duration(secondsLeft)} left`,
      ),
  });
  return { dataset, audit: { ...audit, source } };
}

/** The rows that files of fixes keep, in a data set to which they have been applied. */
async function keptRows(dataset: Dataset, path: string): Promise<readonly number[]> {
  const all = await readFixes(path);
  return (await applyFixes(dataset, { ...all, fixes: all.fixes.filter(({ action }) => action === "keep") })).kept;
}

async function save(dataset: Dataset, audit: Audit, options: AuditCommandOptions, terminal: Terminal): Promise<void> {
  const { out, png, html, writeFixes: path } = options;
  if (out !== undefined) {
    await writeFileAtomic(out, `${JSON.stringify(auditRecord(audit))}\n`);
    terminal.note(`${out}: all ${whole(audit.suspects.length)} suspects`);
  }
  if (png !== undefined) {
    const { image, rows } = auditSheet(dataset, audit);
    await writePng(png, image);
    terminal.note(`${png}: the labels most likely to be wrong first; rows from the top: ${printable(rows)}`);
  }
  if (html !== undefined) {
    const { auditPage } = await import("../../../report/pages/auditPage.tsx");
    await writeFileAtomic(html, auditPage({ dataset, audit, propose: options }));
    terminal.note(`${html}: a page for reviewing them`);
  }
  if (path !== undefined) {
    const fixes = proposeFixes(audit, options);
    await writeFixes(path, fixes);
    terminal.note(`${path}: ${whole(fixes.fixes.length)} label corrections; review them before you use them`);
  }
}
