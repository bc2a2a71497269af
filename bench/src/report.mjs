import { mkdirSync, writeFileSync } from "node:fs";
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

/** A Markdown table; all columns but the first align right. @param {readonly string[]} head @param {readonly (readonly string[])[]} rows */
export const table = (head, rows) =>
  [head, head.map((_, k) => (k === 0 ? ":--" : "--:")), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

/** A rate with as many digits as mean something. @param {number} rate */
export const formatRate = (rate) => (rate < 100 ? rate.toFixed(1) : Math.round(rate).toLocaleString("en"));

/** @param {number} share */
export const formatPercent = (share) => `${(100 * share).toFixed(2)} %`;

/** Prints Markdown, and keeps it with its numbers in results/. @param {string} name @param {string} markdown @param {object} numbers */
export function publish(name, markdown, numbers) {
  const folder = new URL("../results/", import.meta.url);
  mkdirSync(folder, { recursive: true });
  writeFileSync(new URL(`${name}.md`, folder), `${markdown}\n`);
  writeFileSync(new URL(`${name}.json`, folder), `${JSON.stringify({ formatVersion: 1, ...numbers }, undefined, 2)}\n`);
  console.log(`${markdown}\n`);
}
