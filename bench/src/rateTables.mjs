import { median, speedup } from "./measure.mjs";
import { formatRate, table } from "./report.mjs";

/** @typedef {import("./rates.mjs").Row} Row @typedef {import("./rates.mjs").Peak} Peak */

/** @param {number} fraction */
export const percent = (fraction) => `${(100 * fraction).toFixed(fraction < 0.1 ? 1 : 0)} %`;
const gigaflops = (/** @type {number} */ flops) => (flops / 1e9).toFixed(0);

/** The machine's peak by its number of threads. @param {readonly Peak[]} peaks */
export function peakTable(peaks) {
  const threads = [...new Set(peaks.map((peak) => peak.threads))];
  const rates = (/** @type {number} */ n, /** @type {"native" | "wasm"} */ kind) =>
    peaks.filter((peak) => peak.threads === n).flatMap((peak) => peak[kind]);
  const cell = (/** @type {readonly number[]} */ all) =>
    `${gigaflops(median(all))} (${gigaflops(Math.min(...all))}–${gigaflops(Math.max(...all))})`;
  return table(
    ["Threads", "Peak of the processor, GFLOP/s", "Peak of WebAssembly, GFLOP/s"],
    threads.map((n) => [`${n}`, cell(rates(n, "native")), cell(rates(n, "wasm"))]),
  );
}

/** The contenders with their versions, and how often each way to run them was the fastest. @param {readonly Row[]} rows */
export function versionList(rows) {
  const names = [...new Set(rows.map(({ name }) => name))];
  return names
    .map((name) => {
      const own = rows.filter((row) => row.name === name);
      const variants = [...new Set(own.flatMap(({ variant }) => variant ?? []))];
      const times = variants.map((variant) => `${variant} ${own.filter((row) => row.variant === variant).length}×`);
      return `- ${name} ${own[0].version}${variants.length > 1 ? `: ${times.join("; ")}` : ""}`;
    })
    .join("\n");
}

/**
 * One table: all contenders of a network and a mode, with columns for each batch size. Inkling is compared with each
 * peer by its fastest back end, and with those in WebAssembly by its own there.
 *
 * @param {readonly Row[]} rows
 */
export function rateTable(rows) {
  const batches = [...new Set(rows.map(({ setting }) => setting.batchSize))];
  const threads = [...new Set(rows.map(({ setting }) => setting.threads))];
  const names = [...new Set(rows.map(({ name }) => name))];
  const lines = threads.flatMap((n) =>
    names.flatMap((name) => {
      const found = batches.map((batch) => rows.find((r) => r.name === name && isOf(r, n, batch)));
      if (found.every((row) => !row)) return [];
      return [[name, `${n}`, ...found.flatMap((row) => cells(row, rows))]];
    }),
  );
  return table(
    ["", "Threads", ...batches.flatMap((b) => [`Batch ${b}: of the peak`, "images/s", "Inkling is"])],
    lines,
  );
}

const isOf = (/** @type {Row} */ { setting }, /** @type {number} */ threads, /** @type {number} */ batchSize) =>
  setting.threads === threads && setting.batchSize === batchSize;

/** @param {Row | undefined} row @param {readonly Row[]} rows */
function cells(row, rows) {
  if (!row) return ["", "", ""];
  return [percent(row.fraction), formatRate(row.imagesPerSecond), row.kind === "inkling" ? "" : ratio(row, rows)];
}

/** @param {Row} peer @param {readonly Row[]} rows */
function ratio(peer, rows) {
  const { threads, batchSize } = peer.setting;
  const ours = rows
    .filter((row) => row.kind === "inkling" && isOf(row, threads, batchSize))
    .filter(({ name }) => peer.kind === "native" || name.includes("wasm"));
  return ours
    .map((row) => `${speedup(row.rounds, peer.rounds).toFixed(1)}× ${row.name.replace("Inkling ", "")}`)
    .join(", ");
}

/** How long one image takes. @param {readonly Row[]} rows */
export function latencyTable(rows) {
  const microseconds = (/** @type {number} */ imagesPerSecond) => (1e6 / imagesPerSecond).toFixed(0);
  return table(
    ["", "Threads", "µs an image", "Range", "Inkling is"],
    rows.map((row) => {
      const [slowest, fastest] = [Math.min(...row.rounds), Math.max(...row.rounds)].map(microseconds);
      const cells = [row.name, `${row.setting.threads}`, microseconds(row.imagesPerSecond), `${fastest}–${slowest}`];
      return [...cells, row.kind === "inkling" ? "" : ratio(row, rows)];
    }),
  );
}
