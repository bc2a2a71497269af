import { existsSync } from "node:fs";
import { copyFile, cp, mkdir, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Fix, imageDigests } from "../../src/index.ts";
import { writeFixes } from "../../src/node.ts";
import { lockFolder } from "../../src/runs/node/runs.ts";
import { bars } from "../training/data.ts";
import type { CommandLine } from "./cli.ts";

/** A mistake, or something that can go wrong, and a command that runs into it. */
export interface Mistake {
  readonly what: string;
  readonly command: readonly string[];
  /** Creates the situation; a function that it returns is called afterward. */
  readonly prepare?: (cli: CommandLine) => Promise<unknown>;
  /** Ctrl-C at the first validation. */
  readonly interrupt?: boolean;
}

const TRAIN = ["train", "bars.inkling", "--recipe", "small.mjs"];
const SHORT = [...TRAIN, "--steps", "30", "--checkpoint-every", "0"];

/** A run of 30 steps with both its checkpoints, changed in some way. With `underWay` it has not finished. */
const aRun =
  (name: string, change: (path: string) => Promise<unknown>, { underWay = false } = {}) =>
  async (cli: CommandLine): Promise<unknown> => {
    const path = join(cli.folder, name);
    const base = join(cli.folder, "base");
    if (!existsSync(base)) await cli.inkling([...SHORT, "--out", "base"]);
    await cp(base, path, { recursive: true });
    if (underWay) {
      const { result: _, ...rest } = JSON.parse(await readFile(join(path, "run.json"), "utf8"));
      await writeFile(join(path, "run.json"), JSON.stringify(rest));
      await rm(join(path, "model.safetensors"));
    }
    return change(path);
  };
const checkpoints = async (path: string): Promise<readonly string[]> =>
  (await readdir(path))
    .filter((name) => name.startsWith("checkpoint-"))
    .sort((a, b) => a.localeCompare(b, "en", { numeric: true }))
    .map((name) => join(path, name));
const nothing = () => Promise.resolve();
const fixes =
  (name: string, fix: Fix) =>
  ({ folder }: CommandLine): Promise<void> =>
    writeFixes(join(folder, name), { imageShape: [8, 8, 1], fixes: [fix] });

/** Every mistake around runs and labels, in the order of docs/errors.md. */
export const mistakes: readonly Mistake[] = [
  { what: "an unknown option", command: ["train", "--step", "5"] },
  { what: "a value out of range", command: [...TRAIN, "--steps", "0"] },
  { what: "an unknown recipe", command: ["train", "--recipe", "sead"] },
  { what: "an unknown back end", command: ["train", "--backend", "abacus"] },
  { what: "initial weights from a file that is not a model", command: [...SHORT, "--init-from", "bars.inkling"] },
  {
    what: "early stopping without validations",
    command: [...SHORT, "--early-stopping", "3", "--validate-every", "0"],
  },
  {
    what: "a number of parts that does not divide the batch size",
    command: [...SHORT, "--gradient-accumulation", "3"],
  },
  { what: "a weight for an unknown class", command: [...SHORT, "--class-weights", "Z=2"] },
  { what: "weight decay for an unknown parameter", command: [...SHORT, "--weight-decay-mask", "kernle"] },
  {
    what: "a learning rate so large that values overflow",
    command: [...SHORT, "--learning-rate", "1e38", "--out", "large"],
  },
  { what: "Ctrl-C", command: [...TRAIN, "--steps", "100000000", "--out", "stopped"], interrupt: true },
  {
    what: "a run folder that contains another run",
    command: [...SHORT, "--out", "other"],
    prepare: aRun("other", nothing),
  },
  {
    what: "a run folder that contains other files",
    command: [...SHORT, "--out", "photos"],
    prepare: async ({ folder }) => {
      await mkdir(join(folder, "photos"));
      await writeFile(join(folder, "photos/1.png"), "");
    },
  },
  { what: "a run folder that cannot be created", command: [...SHORT, "--out", "small.mjs/run"] },
  {
    what: "a run folder in use by another process",
    command: ["train", "--resume", "busy"],
    prepare: aRun("busy", (path) => lockFolder(path)),
  },
  { what: "resuming something that is not a run", command: ["train", "--resume", "nowhere"] },
  { what: "resuming with a different setting", command: ["train", "--resume", "other", "--seed", "2"] },
  { what: "extending a run without naming it", command: ["train", "--extend", "100"] },
  {
    what: "resuming with fewer steps than already done",
    command: ["train", "--resume", "fewer", "--steps", "10"],
    prepare: aRun("fewer", nothing),
  },
  {
    what: "resuming with different data",
    command: ["train", "others.inkling", "--resume", "data"],
    prepare: aRun("data", nothing, { underWay: true }),
  },
  {
    what: "a run folder with a checkpoint of another model",
    command: ["train", "--resume", "mixed"],
    prepare: async (cli) => {
      await aRun("mixed", nothing, { underWay: true })(cli);
      const recipe = await readFile(join(cli.folder, "small.mjs"), "utf8");
      await writeFile(join(cli.folder, "larger.mjs"), recipe.replace("conv2d(4", "conv2d(5"));
      await cli.inkling([...SHORT, "--recipe", "larger.mjs", "--steps", "40", "--out", "larger"]);
      const name = "checkpoint-40.safetensors";
      await copyFile(join(cli.folder, "larger", name), join(cli.folder, "mixed", name));
    },
  },
  {
    what: "the newest checkpoint truncated: the run resumes from the previous one",
    command: ["train", "--resume", "cut"],
    prepare: aRun("cut", async (path) => truncate((await checkpoints(path)).at(-1)!, 1000), { underWay: true }),
  },
  {
    what: "all checkpoints truncated",
    command: ["train", "--resume", "lost"],
    prepare: aRun("lost", async (path) => Promise.all((await checkpoints(path)).map((file) => truncate(file, 1000))), {
      underWay: true,
    }),
  },
  {
    what: "a damaged line of metrics",
    command: ["train", "--resume", "lines"],
    prepare: aRun("lines", (path) => writeFile(join(path, "metrics.jsonl"), "{no\n"), { underWay: true }),
  },
  {
    what: "a truncated run.json",
    command: ["evaluate", "half"],
    prepare: aRun("half", (path) => truncate(join(path, "run.json"), 40)),
  },
  {
    what: "a run written by a later version of Inkling",
    command: ["evaluate", "later"],
    prepare: aRun("later", async (path) => {
      const run = JSON.parse(await readFile(join(path, "run.json"), "utf8"));
      await writeFile(join(path, "run.json"), JSON.stringify({ ...run, formatVersion: 2 }));
    }),
  },
  {
    what: "a truncated weights file",
    command: ["evaluate", "weights"],
    prepare: aRun("weights", (path) => truncate(join(path, "model.safetensors"), 3000)),
  },
  {
    what: "a weights file of another run",
    command: ["evaluate", "swapped"],
    prepare: async (cli) => {
      await aRun("swapped", nothing)(cli);
      await cli.inkling([...SHORT, "--seed", "2", "--out", "seed-2"]);
      await copyFile(join(cli.folder, "seed-2/model.safetensors"), join(cli.folder, "swapped/model.safetensors"));
    },
  },
  { what: "a folder of runs that does not exist", command: ["runs", "nowhere"] },
  { what: "a single run to compare", command: ["compare", "base"], prepare: aRun("single", nothing) },
  {
    what: "runs whose test images are those that the other was trained on",
    command: ["compare", "base", "seeded"],
    prepare: (cli) => cli.inkling([...SHORT, "--seed", "2", "--test-size", "0.2", "--out", "seeded"]),
  },
  {
    what: "a gate that a run does not pass",
    command: ["compare", "base", "weak", "others.inkling", "--gate", "--min-accuracy", "97%"],
    prepare: (cli) => cli.inkling([...TRAIN, "--steps", "1", "--checkpoint-every", "0", "--out", "weak"]),
  },
  {
    what: "a replay that leads to different weights",
    command: ["replay", "changed"],
    prepare: aRun("changed", async (path) => {
      const run = JSON.parse(await readFile(join(path, "run.json"), "utf8"));
      await writeFile(join(path, "run.json"), JSON.stringify({ ...run, seed: 2 }));
    }),
  },
  {
    what: "label corrections for an image that is not in the data set: they are listed, and the command continues",
    command: ["data", "sample", "bars.inkling", "few.inkling", "--size", "20", "--fixes", "gone.json"],
    prepare: fixes("gone.json", { action: "drop", sha256: "0".repeat(64), label: "A", name: "A/gone.png" }),
  },
  {
    what: "label corrections with a label that is not a class",
    command: ["data", "inspect", "bars.inkling", "--fixes", "wrong.json"],
    prepare: async (cli) => {
      const [sha256] = await imageDigests(bars(200), [0]);
      await fixes("wrong.json", { action: "relabel", to: "Q", sha256: sha256!, label: "A", name: "A/0.png" })(cli);
    },
  },
  {
    what: "label corrections for images of another size",
    command: ["data", "inspect", "bars.inkling", "--resize", "10x10", "--fixes", "gone.json"],
  },
  {
    what: "an empty fixes file",
    command: ["data", "inspect", "bars.inkling", "--fixes", "empty.json"],
    prepare: ({ folder }) => writeFile(join(folder, "empty.json"), ""),
  },
  {
    what: "a fixes file written by a later version of Inkling",
    command: ["data", "inspect", "bars.inkling", "--fixes", "later.json"],
    prepare: ({ folder }) => writeFile(join(folder, "later.json"), '{"formatVersion":2,"kind":"fixes"}'),
  },
  { what: "a fixes file that does not exist", command: ["data", "inspect", "bars.inkling", "--fixes", "no.json"] },
  { what: "an audit with a single fold", command: ["data", "audit", "bars.inkling", "--folds", "1"] },
  { what: "an audit with more folds than images", command: ["data", "audit", "bars.inkling", "--folds", "500"] },
  {
    what: "an audit that would overwrite a fixes file, which may have been edited",
    command: ["data", "audit", "bars.inkling", "--write-fixes", "gone.json"],
  },
];
