import { existsSync } from "node:fs";
import { copyFile, cp, mkdir, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Fix, imageDigests } from "../../src/index.ts";
import { writeFixes } from "../../src/node.ts";
import { lockFolder } from "../../src/runs/node/runs.ts";
import { bars } from "../training/data.ts";
import type { CommandLine } from "./cli.ts";

/** Something that a person can get wrong, or that can go wrong, and the command that meets it. */
export interface Mistake {
  readonly what: string;
  readonly command: readonly string[];
  /** Makes what the command meets; what it gives is called afterwards. */
  readonly prepare?: (cli: CommandLine) => Promise<unknown>;
  /** Ctrl-C at the first validation. */
  readonly interrupt?: boolean;
}

const TRAIN = ["train", "bars.inkling", "--recipe", "small.mjs"];
const SHORT = [...TRAIN, "--steps", "30", "--checkpoint-every", "0"];

/** A run of 30 steps with both its checkpoints, changed in some way. With `under way` it has not come to its end. */
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
  { what: "an option that there is none of", command: ["train", "--step", "5"] },
  { what: "a value out of range", command: [...TRAIN, "--steps", "0"] },
  { what: "a recipe that there is none of", command: ["train", "--recipe", "sead"] },
  { what: "a back end that there is none of", command: ["train", "--backend", "abacus"] },
  { what: "first weights from a file that is no model", command: [...SHORT, "--init-from", "bars.inkling"] },
  {
    what: "early stopping without validations",
    command: [...SHORT, "--early-stopping", "3", "--validate-every", "0"],
  },
  { what: "parts that a step does not divide into", command: [...SHORT, "--gradient-accumulation", "3"] },
  { what: "a weight for a class that there is none of", command: [...SHORT, "--class-weights", "Z=2"] },
  { what: "weight decay of a parameter that there is none of", command: [...SHORT, "--weight-decay-mask", "kernle"] },
  {
    what: "a learning rate so large that numbers overflow",
    command: [...SHORT, "--learning-rate", "1e38", "--out", "large"],
  },
  { what: "Ctrl-C", command: [...TRAIN, "--steps", "100000000", "--out", "stopped"], interrupt: true },
  {
    what: "a folder for the run that holds another run",
    command: [...SHORT, "--out", "other"],
    prepare: aRun("other", nothing),
  },
  {
    what: "a folder for the run that holds other files",
    command: [...SHORT, "--out", "photos"],
    prepare: async ({ folder }) => {
      await mkdir(join(folder, "photos"));
      await writeFile(join(folder, "photos/1.png"), "");
    },
  },
  { what: "a folder for the run that cannot be made", command: [...SHORT, "--out", "small.mjs/run"] },
  {
    what: "a run folder in which another process works",
    command: ["train", "--resume", "busy"],
    prepare: aRun("busy", (path) => lockFolder(path)),
  },
  { what: "to resume what is no run", command: ["train", "--resume", "nowhere"] },
  { what: "to resume with another setting", command: ["train", "--resume", "other", "--seed", "2"] },
  { what: "to extend a run without naming it", command: ["train", "--extend", "100"] },
  {
    what: "to resume with fewer steps than are done",
    command: ["train", "--resume", "fewer", "--steps", "10"],
    prepare: aRun("fewer", nothing),
  },
  {
    what: "to resume with other data",
    command: ["train", "others.inkling", "--resume", "data"],
    prepare: aRun("data", nothing, { underWay: true }),
  },
  {
    what: "a run folder with the checkpoint of another model",
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
    what: "the newest checkpoint cut off: the run goes on from the one before",
    command: ["train", "--resume", "cut"],
    prepare: aRun("cut", async (path) => truncate((await checkpoints(path)).at(-1)!, 1000), { underWay: true }),
  },
  {
    what: "all checkpoints cut off",
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
    what: "a run.json that is cut off",
    command: ["evaluate", "half"],
    prepare: aRun("half", (path) => truncate(join(path, "run.json"), 40)),
  },
  {
    what: "a run that a later Inkling wrote",
    command: ["evaluate", "later"],
    prepare: aRun("later", async (path) => {
      const run = JSON.parse(await readFile(join(path, "run.json"), "utf8"));
      await writeFile(join(path, "run.json"), JSON.stringify({ ...run, formatVersion: 2 }));
    }),
  },
  {
    what: "a weights file that is cut off",
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
  { what: "a folder of runs that is not there", command: ["runs", "nowhere"] },
  {
    what: "a replay that comes to other weights",
    command: ["replay", "changed"],
    prepare: aRun("changed", async (path) => {
      const run = JSON.parse(await readFile(join(path, "run.json"), "utf8"));
      await writeFile(join(path, "run.json"), JSON.stringify({ ...run, seed: 2 }));
    }),
  },
  {
    what: "fixes for an image that the data set has not: they are named, and the command goes on",
    command: ["data", "sample", "bars.inkling", "few.inkling", "--size", "20", "--fixes", "gone.json"],
    prepare: fixes("gone.json", { action: "drop", sha256: "0".repeat(64), label: "A", name: "A/gone.png" }),
  },
  {
    what: "fixes with a label that is no class",
    command: ["data", "inspect", "bars.inkling", "--fixes", "wrong.json"],
    prepare: async (cli) => {
      const [sha256] = await imageDigests(bars(200), [0]);
      await fixes("wrong.json", { action: "relabel", to: "Q", sha256: sha256!, label: "A", name: "A/0.png" })(cli);
    },
  },
  {
    what: "fixes for images of another size",
    command: ["data", "inspect", "bars.inkling", "--resize", "10x10", "--fixes", "gone.json"],
  },
  {
    what: "a fixes file that is empty",
    command: ["data", "inspect", "bars.inkling", "--fixes", "empty.json"],
    prepare: ({ folder }) => writeFile(join(folder, "empty.json"), ""),
  },
  {
    what: "a fixes file that a later Inkling wrote",
    command: ["data", "inspect", "bars.inkling", "--fixes", "later.json"],
    prepare: ({ folder }) => writeFile(join(folder, "later.json"), '{"formatVersion":2,"kind":"fixes"}'),
  },
  { what: "a fixes file that is not there", command: ["data", "inspect", "bars.inkling", "--fixes", "no.json"] },
  { what: "an audit of one fold", command: ["data", "audit", "bars.inkling", "--folds", "1"] },
  { what: "an audit of more folds than images", command: ["data", "audit", "bars.inkling", "--folds", "500"] },
  {
    what: "an audit that would replace a fixes file, which somebody may have edited",
    command: ["data", "audit", "bars.inkling", "--write-fixes", "gone.json"],
  },
];
