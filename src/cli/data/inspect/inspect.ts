import { checkWritable, writeFileAtomic } from "../../../base/node/writeFile.ts";
import { imageAt } from "../../../image/image.ts";
import { writePng } from "../../../image/node/writePng.ts";
import {
  type Audit,
  type Dataset,
  type DatasetReport,
  FileCounter,
  type FileStatistics,
  reportDataset,
} from "../../../index.ts";
import { contactSheet, rowsPerClass, tileImages } from "../../../report/contactSheet.ts";
import { describeReport } from "../../../report/describeReport.ts";
import { halfBlocks } from "../../../report/halfBlocks.ts";
import { explain } from "../../explain.ts";
import { type OpeningOptions, openSources } from "../../openSource.ts";
import { readAudit } from "../../readAudit.ts";
import { createTerminal, printSummary, type Terminal } from "../../terminal.ts";

export interface InspectCommandOptions extends OpeningOptions {
  readonly test?: string;
  readonly near: boolean;
  readonly audit?: string;
  readonly html?: string;
  readonly png?: string;
  readonly json?: boolean;
}

/** Prints the contents of a data set and possible problems, with samples if the terminal can show them. */
export async function inspectCommand(source: string, options: InspectCommandOptions): Promise<void> {
  const terminal = createTerminal({ json: options.json ?? false });
  for (const path of [options.png, options.html]) if (path !== undefined) await checkWritable(path);
  const { data, test, files } = await openInspected(source, options, terminal);
  terminal.progress(`Looking for duplicates in ${source}`);
  const report = await reportDataset(data, { near: options.near, ...(test && { test }) });
  terminal.clear();
  const audit = options.audit === undefined ? undefined : await readAudit(options.audit, report.fingerprint, source);
  terminal.out(terminal.bold(source));
  for (const line of describeReport(report, files, audit, explain)) terminal.out(line);
  if (!options.json) showSamples(data, terminal);
  if (options.png) {
    await writePng(options.png, contactSheet(data));
    terminal.note(terminal.dim(`samples of each class: ${options.png}`));
  }
  if (options.html) {
    const { inspectPage } = await import("../../../report/pages/inspectPage.tsx");
    await writeFileAtomic(options.html, inspectPage({ source, dataset: data, report, files, audit }));
    terminal.note(terminal.dim(`full report with pictures: ${options.html}`));
  }
  if (options.json) printSummary(summaryOf(source, data, report, files, audit));
}

/** The data sets, and statistics of the files of the first. */
async function openInspected(source: string, options: InspectCommandOptions, terminal: Terminal) {
  const counter = new FileCounter();
  const sources = options.test === undefined ? [source] : [source, options.test];
  const [data, test] = await openSources(sources, terminal, {
    ...options,
    onImageFile(bytes, from) {
      if (from === source) counter.add(bytes);
    },
  });
  return { data: data!, test, files: counter.statistics };
}

/** The side of a sample in the terminal, in pixels. */
const SIDE = 14;
const SAMPLES = 2;

/** Samples of each class, as many as fit the width of the terminal. */
const showSamples = (dataset: Dataset, terminal: Terminal): void =>
  terminal.picture(({ columns, color }) => {
    const rows = rowsPerClass(dataset, SAMPLES);
    const images = Array.from({ length: SAMPLES }, (_, i) => rows.flatMap((of) => of[i] ?? [])).flat();
    const tiles = images.map((row) => imageAt(dataset, row));
    const across = Math.max(1, Math.floor((columns - 1) / (SIDE + 1)));
    return halfBlocks(tileImages(tiles, { columns: Math.min(across, tiles.length), side: SIDE, gap: 1 }), color);
  });

/** The output of `--json`. Rows are numbered from 0, in the order of classes and names. */
const summaryOf = (
  source: string,
  { provenance, skipped }: Dataset,
  report: DatasetReport,
  files: FileStatistics | undefined,
  audit: Audit | undefined,
) => ({
  source,
  provenance,
  ...report,
  splitProblem: report.splitProblem?.message,
  skipped,
  files,
  suspects: audit?.suspects,
});
