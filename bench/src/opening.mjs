import { execFileSync } from "node:child_process";
import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { subset } from "../../dist/index.node.js";
import { openDataset, saveDataset } from "../../dist/node.js";
import { archiveOf } from "./accuracy.mjs";
import { median } from "./measure.mjs";
import { describe, formatRate, machine, publish, table } from "./report.mjs";

/**
 * How fast archives of images are read and decoded, each time in a process of its own:
 * `npm run opening [-- notMNIST_small.tar.gz --large FOLDER]`; the large one has as many files as notMNIST_large.
 */
const ROUNDS = 7;
const LARGE = 529_114;
const { values, positionals } = parseArgs({ options: { large: { type: "string" } }, allowPositionals: true });
const script = fileURLToPath(new URL("openOnce.mjs", import.meta.url));

/** @param {string} archive @param {number} rounds */
function measure(archive, rounds) {
  const opened = () => JSON.parse(execFileSync(process.execPath, [script, archive], { encoding: "utf8" }));
  return Array.from({ length: rounds }, opened);
}

/** @param {string} name @param {readonly { images: number, seconds: number, megabytes: number }[]} rounds */
function rowOf(name, rounds) {
  const rates = rounds.map(({ images, seconds }) => images / seconds);
  const range = rounds.length > 1 ? ` (${formatRate(Math.min(...rates))}–${formatRate(Math.max(...rates))})` : "";
  const most = Math.max(...rounds.map(({ megabytes }) => megabytes));
  const seconds = median(rounds.map((round) => round.seconds));
  return [
    name,
    rounds[0].images.toLocaleString("en"),
    seconds.toFixed(2),
    `${formatRate(median(rates))}${range}`,
    most.toFixed(0),
  ];
}

const on = machine();
const small = measure(archiveOf(positionals[0]), ROUNDS);
const rows = [rowOf("the archive", small)];
/** @type {Record<string, ReturnType<typeof measure>>} */
const results = { small };
if (values.large !== undefined) {
  const path = join(resolve(process.env["INIT_CWD"] ?? "", values.large), "inkling-large.tar.gz");
  const letters = await openDataset("letters");
  const repeated = Uint32Array.from({ length: LARGE }, (_, k) => k % letters.labels.length);
  try {
    await saveDataset(subset(letters, repeated), path);
    results["large"] = measure(path, 1);
    rows.push(rowOf("synthetic, of letters", results["large"]));
  } finally {
    await rm(path, { force: true });
  }
}
const markdown = [describe(on), table(["Archive", "Images", "Seconds", "Images/s", "Most resident, MB"], rows)].join(
  "\n\n",
);
publish("opening", markdown, { machine: on, results });
