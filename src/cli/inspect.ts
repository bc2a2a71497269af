import { contactSheet, imageAt, sampleRows, tileImages } from "../datasets/contactSheet.ts";
import { writePng } from "../datasets/prepare/node/writePng.ts";
import { type DatasetStatistics, describeDataset } from "../datasets/statistics.ts";
import { type Dataset, fingerprint } from "../index.ts";
import { halfBlocks } from "./blocks.ts";
import { type OpeningOptions, openSource } from "./data.ts";
import { bar, percent, whole } from "./format.ts";
import { createTerminal, type Terminal } from "./terminal.ts";

export interface InspectCommandOptions extends OpeningOptions {
  readonly png?: string;
  readonly json?: boolean;
}

/** Prints what a data set holds, with samples where a terminal can show them. */
export async function inspectCommand(source: string, options: InspectCommandOptions): Promise<void> {
  const terminal = createTerminal({ json: options.json ?? false });
  const dataset = await openSource(source, terminal, options);
  const statistics = describeDataset(dataset);
  const id = await fingerprint(dataset);
  terminal.out(terminal.bold(source));
  terminal.out(dataset.provenance.description);
  for (const line of [...describe(statistics), `fingerprint  ${id}`]) terminal.out(line);
  if (!options.json) showSamples(dataset, terminal);
  if (options.png) {
    await writePng(options.png, contactSheet(dataset));
    terminal.note(terminal.dim(`samples of each class: ${options.png}`));
  }
  if (options.json) process.stdout.write(`${JSON.stringify(summaryOf(source, dataset, statistics, id))}\n`);
}

function describe(statistics: DatasetStatistics): readonly string[] {
  const { count, classes, imageShape, mean, deviation, duplicates, contradictions, skipped } = statistics;
  const [height, width, channels] = imageShape;
  const most = Math.max(...classes.map((c) => c.count));
  const names = Math.max(...classes.map(({ name }) => name.length));
  const copies = duplicates.reduce((sum, rows) => sum + rows.length - 1, 0);
  return [
    `images       ${whole(count)} of ${height} × ${width} pixels, ${channels === 1 ? "grey" : "red, green, blue"}, ${classes.length} classes`,
    ...classes.map(
      (c) => `  ${c.name.padEnd(names)}  ${bar(c.count / most)}  ${whole(c.count)}  ${percent(c.count / count)} %`,
    ),
    `pixels       mean ${mean.toFixed(1)}, standard deviation ${deviation.toFixed(1)} of 0 to 255`,
    `unreadable   ${whole(skipped)} files`,
    `duplicates   ${whole(copies)} images are exact copies of others, in ${whole(duplicates.length)} groups; ${whole(contradictions)} groups have more than one label`,
  ];
}

/** Pixels of a sample's side in the terminal. */
const SIDE = 14;
const SAMPLES = 2;

/** Samples of each class in half-blocks, where standard output is a terminal. */
function showSamples(dataset: Dataset, terminal: Terminal): void {
  if (!process.stdout.isTTY || process.env["TERM"] === "dumb") return;
  const columns = Math.max(1, Math.floor((process.stdout.columns - 1) / (SIDE + 1)));
  const rows = sampleRows(dataset, SAMPLES);
  const images = Array.from({ length: SAMPLES }, (_, i) => rows.flatMap((of) => of[i] ?? [])).flat();
  const tiles = images.map((row) => imageAt(dataset, row));
  const sheet = tileImages(tiles, { columns: Math.min(columns, tiles.length), side: SIDE, gap: 1 });
  for (const line of halfBlocks(sheet, !process.env["NO_COLOR"])) terminal.out(line);
}

/** What `--json` prints. Rows are counted from 0, in the order of classes and names. */
const summaryOf = (source: string, { provenance, skipped }: Dataset, statistics: DatasetStatistics, id: string) => ({
  formatVersion: 1,
  source,
  provenance,
  ...statistics,
  skipped,
  fingerprint: id,
});
