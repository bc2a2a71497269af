import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";

/** On what and when something was measured. */
export const machine = () => ({
  cpu: cpus()[0].model,
  cores: cpus().length,
  node: process.versions.node,
  v8: process.versions.v8,
  platform: `${process.platform} ${process.arch}`,
  date: new Date().toISOString(),
  /** Other programs at work, in cores: the load of the minute before. */
  load: loadavg()[0],
});

/** @param {ReturnType<typeof machine>} machine */
export const describe = ({ cpu, cores, node, v8, platform, date, load }) =>
  `${cpu}, ${cores} cores, ${platform}; Node ${node} (V8 ${v8}); ${date.slice(0, 10)}; load before the run ${load.toFixed(1)}`;

/**
 * A Markdown table; all columns but the first align right.
 *
 * @param {readonly string[]} head
 * @param {readonly (readonly string[])[]} rows
 */
export function table(head, rows) {
  const widths = head.map((_, k) => Math.max(3, ...[head, ...rows].map((cells) => cells[k].length)));
  const rule = widths.map((width, k) => (k === 0 ? `:${"-".repeat(width - 1)}` : `${"-".repeat(width - 1)}:`));
  const aligned = [head, ...rows].map((cells) =>
    cells.map((cell, k) => (k === 0 ? cell.padEnd(widths[k]) : cell.padStart(widths[k]))),
  );
  return [aligned[0], rule, ...aligned.slice(1)].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** A rate with as many digits as mean something. @param {number} rate */
export const formatRate = (rate) => (rate < 100 ? rate.toFixed(1) : Math.round(rate).toLocaleString("en"));

/** @param {number} share */
export const formatPercent = (share) => `${(100 * share).toFixed(2)} %`;

const docs = ["benchmarks.md", "evaluation.md", "studio.md"].map(
  (name) => new URL(`../../docs/${name}`, import.meta.url),
);

/** Puts what was measured into the page of docs/ that has a place for it. @param {string} name @param {string} markdown */
function putInDocs(name, markdown) {
  const [start, end] = [`<!-- ${name} -->\n`, `<!-- end of ${name} -->`];
  for (const page of docs) {
    const text = readFileSync(page, "utf8");
    const [from, to] = [text.indexOf(start), text.indexOf(end)];
    if (from >= 0) writeFileSync(page, `${text.slice(0, from + start.length)}\n${markdown}\n\n${text.slice(to)}`);
  }
}

/**
 * Prints Markdown, and keeps it in results/, with its numbers, and in docs/.
 *
 * @param {string} name
 * @param {string} markdown
 * @param {object} numbers
 * @param {boolean} [keep] Not where only a part was measured.
 */
export function publish(name, markdown, numbers, keep = true) {
  console.log(`${markdown}\n`);
  if (!keep) return console.error(`results/${name} stay as they are: this is a part of them`);
  const folder = new URL("../results/", import.meta.url);
  mkdirSync(folder, { recursive: true });
  writeFileSync(new URL(`${name}.md`, folder), `${markdown}\n`);
  writeFileSync(new URL(`${name}.json`, folder), `${JSON.stringify({ formatVersion: 1, ...numbers }, undefined, 2)}\n`);
  putInDocs(name, markdown);
}
