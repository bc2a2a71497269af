import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { describe, formatPercent, formatRate, machine, publish, table } from "./report.mjs";

/**
 * How long a whole run of a recipe takes with the command line, on 15,000 images of the built-in letters to train on,
 * and augmentation, validations and the test included: `npm run whole-run [-- --recipe best --backend wasm]`.
 */
const text = { type: /** @type {const} */ ("string") };
const { values } = parseArgs({
  options: { recipe: { ...text, default: "fast" }, backend: { ...text, default: "native" }, threads: text },
});
const main = fileURLToPath(new URL("../../dist/bundle/cli/main.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "inkling-whole-run-"));

/** What a command prints as JSON. @param {readonly string[]} args */
async function json(args) {
  const child = spawn(process.execPath, [main, ...args, "--json"], {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (/** @type {Buffer} */ some) => (output += some));
  const code = await new Promise((resolve) => child.once("exit", resolve));
  if (code !== 0) throw new Error(`inkling ${args.join(" ")}: exit code ${code}`);
  return JSON.parse(output);
}

const { recipe, backend, threads = [] } = values;
const on = machine();
const split = ["--training-size", "15000", "--validation-size", "1000", "--test-size", "1000"];
const setting = [
  "--recipe",
  recipe,
  "--backend",
  backend,
  ...split,
  ...(threads.length > 0 ? ["--threads", `${threads}`] : []),
];
const started = performance.now();
const run = await json(["train", "letters", ...setting]);
const seconds = (performance.now() - started) / 1000;
rmSync(folder, { recursive: true });

const markdown = [
  describe(on),
  table(
    ["Recipe", "Back end", "Threads", "Steps", "Images/s", "Whole run", "Test accuracy"],
    [
      [
        `\`${recipe}\``,
        run.backend,
        `${run.threads}`,
        run.steps.toLocaleString("en"),
        formatRate(run.imagesPerSecond),
        `${seconds.toFixed(1)} s`,
        formatPercent(run.testAccuracy),
      ],
    ],
  ),
].join("\n\n");
publish(`whole-run-${recipe}`, markdown, { machine: on, seconds, run });
