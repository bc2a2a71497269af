import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { describe, formatPercent, machine, publish, table } from "./report.mjs";

/**
 * What `inkling train SOURCE` reaches on data sets of many kinds, with no option but what the data require, and how long it
 * takes: `npm run defaults -- FOLDER [--only mnist,signs --seeds 1,2,3 --threads 2]`. bench/README.md says what is in the
 * folder; sets that it lacks are left out.
 */
const text = { type: /** @type {const} */ ("string") };
const { values, positionals } = parseArgs({
  options: { only: text, seeds: { ...text, default: "1,2,3,4,5" }, threads: text },
  allowPositionals: true,
});
const root = resolve(process.env["INIT_CWD"] ?? "", positionals[0] ?? ".");
const seeds = values.seeds.split(",").map(Number);

/**
 * Each set: what it is, and the arguments that name it, with paths below the folder.
 *
 * @type {readonly { readonly name: string, readonly about: string, readonly args: readonly string[] }[]}
 */
const sets = [
  { name: "mnist", about: "MNIST, 28×28 gray", args: ["./mnist"] },
  { name: "fashion", about: "Fashion-MNIST, 28×28 gray", args: ["./fashion"] },
  { name: "cifar10", about: "CIFAR-10, 32×32 RGB", args: ["./cifar10"] },
  { name: "signs", about: "sign-language digits, photos as 100×100", args: ["./signs", "--resize", "100"] },
  { name: "digits-float", about: "scikit-learn's digits, floats, 8×8", args: ["./digits-float/digits.npz"] },
  { name: "digits-png", about: "scikit-learn's digits, PNG, 8×8", args: ["./digits-png"] },
  { name: "shapes", about: "colored shapes, 64×64 RGB", args: ["./shapes"] },
  { name: "notmnist", about: "notMNIST_small, 28×28 gray", args: ["./notmnist/notMNIST_small.tar.gz"] },
  { name: "forty", about: "20 circles, 20 stars, 48×48 RGB", args: ["./forty", "--test", "./forty-test"] },
  {
    name: "forty-photos",
    about: "40 photos of 2 signs, 100×100",
    args: ["./forty-photos", "--test", "./forty-photos-test"],
  },
  { name: "classes300", about: "300 classes of 10, 32×32 gray", args: ["./classes300"] },
  { name: "imbalance", about: "950 against 50, 28×28 gray", args: ["./imbalance"] },
  { name: "letters", about: "built-in letters, the recipe lenet", args: ["letters"] },
  { name: "letters-auto", about: "built-in letters, the recipe auto", args: ["letters", "--recipe", "auto"] },
];

const main = fileURLToPath(new URL("../../dist/bundle/cli/main.js", import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), "inkling-defaults-"));

/** The summary of a training. @param {readonly string[]} args */
async function train(args) {
  const out = join(scratch, "run");
  const all = ["train", ...args, "--json", "--out", out, ...(values.threads ? ["--threads", values.threads] : [])];
  const child = spawn(process.execPath, [main, ...all], { stdio: ["ignore", "pipe", "pipe"] });
  let [output, log] = ["", ""];
  child.stdout.on("data", (/** @type {Buffer} */ some) => (output += some));
  child.stderr.on("data", (/** @type {Buffer} */ some) => (log += some));
  const started = performance.now();
  const code = await new Promise((done) => child.once("close", done));
  rmSync(out, { recursive: true, force: true });
  if (code !== 0) throw new Error(`inkling ${all.join(" ")}: exit code ${code}\n${log}`);
  return { ...JSON.parse(output), wholeSeconds: (performance.now() - started) / 1000 };
}

const placed = (/** @type {string} */ arg) => (arg.startsWith("./") ? join(root, arg) : arg);
const isThere = (/** @type {string} */ arg) => !arg.startsWith("./") || existsSync(placed(arg).replace(/#.*/, ""));

const on = machine();
const only = values.only?.split(",");
const results = [];
for (const { name, about, args } of sets) {
  if (only && !only.includes(name)) continue;
  if (!args.every(isThere)) {
    console.error(`${name} is not in ${root}`);
    continue;
  }
  const runs = [];
  for (const seed of seeds) {
    const run = await train([...args.map(placed), "--seed", `${seed}`]);
    console.error(`${name}, seed ${seed}: ${formatPercent(run.testAccuracy)} in ${run.wholeSeconds.toFixed(0)} s`);
    runs.push({ seed, ...run });
  }
  results.push({ name, about, args, runs });
}
rmSync(scratch, { recursive: true });

const mean = (/** @type {readonly number[]} */ numbers) => numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
const markdown = [
  describe(on),
  `Test accuracy after \`inkling train SOURCE\`, for seeds ${seeds.join(", ")}, and the seconds of a whole run.`,
  table(
    ["Data set", "Tested images", "Steps", "Each seed", "Mean", "Seconds"],
    results.map(({ about, runs }) => [
      about,
      runs[0].testImages.toLocaleString("en"),
      runs[0].steps.toLocaleString("en"),
      runs.map(({ testAccuracy }) => (100 * testAccuracy).toFixed(2)).join(", "),
      formatPercent(mean(runs.map(({ testAccuracy }) => testAccuracy))),
      mean(runs.map(({ wholeSeconds }) => wholeSeconds)).toFixed(0),
    ]),
  ),
].join("\n\n");
publish("defaults", markdown, { machine: on, seeds, results }, only === undefined);
