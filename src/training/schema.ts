import * as v from "valibot";
import { belowOne, count, flag, notNegative, positive, probability, uint32, wholeNumber } from "../base/config.ts";
import { type OptionRow, option, optionRows } from "../base/optionTable.ts";

// The command line loads this module for --help, so it imports only schemas.

const SIZE = "a number of images (a whole number above 1) or a fraction (0 to 1)";
const size = v.pipe(
  v.number(SIZE),
  v.check((n) => n >= 0 && (n <= 1 || Number.isSafeInteger(n)), SIZE),
);
const WEIGHTS = '"balanced", numbers, or numbers by class';
const SECONDS = "seconds, at least 0";
const PARAMETERS = "a number, a text, true or false";

const TRAINING = "Training:";
const RECIPE = "Recipe:";
const DATA = "Data:";
const VALIDATION = "Validation:";
const MACHINE = "Machine:";

/** The settings of a training in the order in which files list them, each with its range, default and flag. */
export const settingEntries = {
  steps: v.optional(
    option(count, {
      flag: "--steps <n>",
      help: "updates of the weights",
      otherwise: "the recipe's",
      unit: "updates",
      group: TRAINING,
      resumable: true,
    }),
    1001,
  ),
  batchSize: v.optional(
    option(count, {
      flag: "--batch-size <n>",
      help: "images per step",
      otherwise: "the recipe's",
      unit: "images",
      group: TRAINING,
      fixesWeights: true,
    }),
    16,
  ),
  gradientAccumulation: v.optional(
    option(count, {
      flag: "--gradient-accumulation <n>",
      help: "process each batch in this many parts, one after another, to save memory",
      unit: "parts",
      group: TRAINING,
      off: true,
      fixesWeights: true,
    }),
    1,
  ),
  mixup: v.optional(
    option(notNegative, {
      flag: "--mixup <alpha>",
      help: "train on mixtures of two images, with ratios from Beta(alpha, alpha)",
      otherwise: "0, none",
      group: TRAINING,
      off: true,
      fixesWeights: true,
    }),
    0,
  ),
  labelSmoothing: v.optional(
    option(belowOne, {
      flag: "--label-smoothing <share>",
      help: "fraction of each label that the training loss spreads over all classes; 0: none",
      otherwise: "the recipe's",
      group: TRAINING,
      fixesWeights: true,
    }),
  ),
  classWeights: v.optional(
    option(
      v.union(
        [
          v.literal("balanced"),
          v.pipe(v.array(v.number()), v.readonly()),
          v.pipe(v.record(v.string(), v.number()), v.readonly()),
        ],
        WEIGHTS,
      ),
      {
        type: "classWeights",
        flag: "--class-weights <weights>",
        help: "balanced, or A=2,B=0.5: how much each class counts in the loss",
        otherwise: "1",
        group: TRAINING,
        fixesWeights: true,
      },
    ),
  ),
  optimizer: v.optional(v.looseObject({ type: v.string("the optimizer's name") }, "an optimizer")),
  seed: v.optional(
    option(uint32, {
      flag: "--seed <n>",
      help: "seed of initial weights, split, order and dropout",
      group: TRAINING,
      fixesWeights: true,
    }),
    1,
  ),
  order: v.optional(
    option(v.picklist(["shuffled", "as given"], '"shuffled" or "as given"'), {
      flag: "--order <how>",
      help: "the order of training images: shuffled anew for each epoch, or always as they are in the data",
      otherwise: "shuffled",
      group: TRAINING,
      fixesWeights: true,
    }),
  ),
  split: v.optional(
    v.strictObject(
      {
        by: v.optional(
          option(v.picklist(["source", "seed"], '"source" or "seed"'), {
            flag: "--split-by <what>",
            help: "source: use the split that the source gives, such as its folder test/, as it is; seed: draw all splits at random",
            otherwise: "source if it gives one",
            group: DATA,
            fixesWeights: true,
          }),
        ),
        training: v.optional(
          option(size, {
            flag: "--training-size <n>",
            help: "training images, as a number or a fraction",
            otherwise: "all the rest",
            unit: "images",
            group: DATA,
            fixesWeights: true,
          }),
        ),
        validation: v.optional(
          option(size, {
            flag: "--validation-size <n>",
            help: "validation images, as a number or a fraction",
            otherwise: "0.1",
            unit: "images",
            group: DATA,
            fixesWeights: true,
          }),
        ),
        test: v.optional(
          option(size, {
            flag: "--test-size <n>",
            help: "test images, as a number or a fraction",
            otherwise: "0.1",
            unit: "images",
            group: DATA,
            fixesWeights: true,
          }),
        ),
        keepTogether: v.optional(
          option(v.picklist(["groups", "pixels", "near", "none"], '"groups", "pixels", "near" or "none"'), {
            flag: "--keep-together <which>",
            help: "what to keep in one split: groups; pixels: also identical images; near: also images that look the same; none",
            otherwise: "groups, or pixels if there are none",
            group: DATA,
            fixesWeights: true,
          }),
        ),
        // Set by a search for each of its folds.
        folds: v.optional(v.pipe(count, v.minValue(2, "a whole number of at least 2"))),
        fold: v.optional(wholeNumber),
      },
      "sizes of splits",
    ),
    {},
  ),
  // Its default depends on the number of steps.
  validateEvery: v.optional(
    option(wholeNumber, {
      flag: "--validate-every <n>",
      help: "steps between validations; 0: only at the end",
      otherwise: "50, or as many as make 50 validations",
      unit: "steps",
      group: VALIDATION,
      fixesWeights: "validations",
    }),
  ),
  dropoutInValidation: v.optional(
    option(flag, {
      flag: "--validate-with-dropout",
      help: "leave dropout on in validation, as the article's author did",
      group: VALIDATION,
      fixesWeights: "validations",
    }),
    false,
  ),
  monitor: v.optional(
    option(v.picklist(["accuracy", "loss"], '"accuracy" or "loss"'), {
      flag: "--monitor <score>",
      help: "which validation score decides what is better",
      group: VALIDATION,
    }),
    "accuracy",
  ),
  earlyStopping: v.optional(
    v.strictObject({
      patience: option(count, {
        flag: "--early-stopping <n>",
        help: "stop after this many validations in a row without improvement",
        otherwise: "never",
        unit: "validations",
        group: VALIDATION,
        resumable: true,
      }),
      minDelta: v.optional(
        option(notNegative, {
          flag: "--min-delta <d>",
          help: "smallest improvement that counts for early stopping",
          needs: "earlyStopping.patience",
          group: VALIDATION,
          resumable: true,
        }),
        0,
      ),
    }),
  ),
} as const;

/** Where the data of a training come from, and how they are processed before they are split. */
export const dataEntries = {
  source: v.string("a text"),
  fingerprint: v.string("a fingerprint"),
  test: v.optional(
    option(v.string("a text"), {
      flag: "--test <source>",
      help: "test on this data set and use the other one only for training and validation",
      otherwise: "part of the data",
      group: DATA,
      conflicts: ["split.test"],
      resumable: true,
    }),
  ),
  testFingerprint: v.optional(v.string("a fingerprint")),
  validation: v.optional(
    option(v.string("a text"), {
      flag: "--validation <source>",
      help: "validate on this data set",
      otherwise: "part of the data",
      group: DATA,
      resumable: true,
    }),
  ),
  validationFingerprint: v.optional(v.string("a fingerprint")),
  partsFingerprint: v.optional(v.string("a fingerprint")),
  readings: v.optional(v.record(v.string(), v.string("a text"))),
  resize: v.optional(
    option(v.pipe(v.tuple([v.number(), v.number()], "[height, width]"), v.readonly()), {
      type: "imageSize",
      flag: "--resize <height>x<width>",
      help: "resize images of other sizes; 28 means 28x28",
      otherwise: "all must have the same size",
      unit: "pixels",
      group: DATA,
    }),
  ),
  fit: v.optional(
    option(v.picklist(["stretch", "contain", "cover"], '"stretch", "contain" or "cover"'), {
      flag: "--fit <how>",
      help: "how --resize treats another aspect ratio: stretch; contain: all of it, with bars; cover: its center",
      otherwise: "stretch",
      group: DATA,
    }),
  ),
  channels: v.optional(
    option(v.picklist([1, 3], "1 or 3"), {
      type: "number",
      flag: "--channels <n>",
      help: "convert images to gray (1) or to color (3)",
      otherwise: "3 if enough images have color",
      group: DATA,
    }),
  ),
  valueRange: v.optional(
    option(v.pipe(v.tuple([v.number(), v.number()], "[low, high]"), v.readonly()), {
      type: "range",
      flag: "--value-range <range>",
      help: "the stored numbers that become black and white, such as 0..16",
      otherwise: "found over all images",
      group: DATA,
    }),
  ),
  keepDamaged: v.optional(
    option(flag, {
      flag: "--keep-damaged",
      help: "use what can be decoded of damaged JPEGs instead of skipping them",
      group: DATA,
    }),
  ),
  classPattern: v.optional(
    option(v.string("a text"), {
      flag: "--class-pattern <pattern>",
      help: "where names of image files say the class, such as train/{class}.*; also {group} and {split}",
      otherwise: "the folders",
      group: DATA,
    }),
  ),
  fixes: v.optional(
    option(v.pipe(v.array(v.string("a text"), "a list of files"), v.readonly()), {
      type: "texts",
      flag: "--fixes <file>",
      help: "apply the label corrections in this file; may be repeated",
      otherwise: "none",
      group: DATA,
      resumable: true,
    }),
  ),
} as const;

/** What else a training is made from; the model and the optimizer have their own schemas. */
export const originEntries = {
  recipe: v.optional(
    option(v.string("a text"), {
      flag: "--recipe <name>",
      help: "the network and its settings: a name, a model.json, or a .ts or .js file",
      otherwise: "auto, which fits the data; for the letters lenet",
      group: RECIPE,
    }),
  ),
  budget: v.optional(
    option(positive, {
      type: "time",
      flag: "--budget <time>",
      help: "as many steps as this machine can do in that time, such as 60s or 5min",
      otherwise: "the recipe's steps",
      conflicts: ["steps", "epochs"],
      unit: "seconds",
      group: TRAINING,
    }),
  ),
  initFrom: v.optional(
    option(v.string("a text"), {
      flag: "--init-from <model>",
      help: "start from the weights of a run or a .safetensors file, for layers that match",
      otherwise: "random weights",
      group: TRAINING,
    }),
  ),
  initialWeights: v.optional(v.string("a SHA-256")),
  chosenRate: v.optional(flag),
  backend: v.optional(
    option(v.string("a text"), {
      flag: "--backend <name>",
      help: "native, wasm or interpret (the slow reference)",
      otherwise: "native if there is a C compiler, otherwise wasm",
      group: MACHINE,
      resumable: true,
    }),
  ),
} as const;

/** Values that replace a recipe's own and end up in its network, its optimizer or its number of steps. */
const shapingEntries = {
  epochs: v.optional(
    option(positive, {
      flag: "--epochs <n>",
      help: "passes over the training images, instead of steps",
      otherwise: "the recipe's",
      unit: "epochs",
      group: TRAINING,
      conflicts: ["steps"],
    }),
  ),
  learningRate: v.optional(
    option(positive, {
      type: "learningRate",
      flag: "--learning-rate <rate>",
      help: "learning rate at the first step, or at the peak of a schedule that has one; auto: try several first",
      otherwise: "the recipe's",
      group: TRAINING,
    }),
  ),
  weightDecay: v.optional(
    option(notNegative, {
      flag: "--weight-decay <rate>",
      help: "strength of weight decay, which pulls weights toward 0",
      otherwise: "the recipe's",
      group: TRAINING,
    }),
  ),
  weightDecayMask: v.optional(
    option(
      v.union([v.picklist(["kernels", "all"]), v.pipe(v.array(v.string()), v.readonly())], "kernels, all, or names"),
      {
        type: "names",
        flag: "--weight-decay-mask <which>",
        help: "what weight decay applies to: kernels, all, or names such as kernel,gamma",
        otherwise: "the recipe's",
        group: TRAINING,
      },
    ),
  ),
  keepProbability: v.optional(
    option(probability, {
      flag: "--keep-probability <p>",
      help: "probability to keep an element in the recipe's dropout; 1: no dropout",
      otherwise: "the recipe's; lenet: 1",
      group: RECIPE,
    }),
  ),
  winograd: v.optional(
    option(flag, {
      flag: "--winograd",
      help: "use Winograd's algorithm for convolutions where it saves work: usually faster, rounds differently",
      group: RECIPE,
    }),
  ),
  parameters: v.optional(
    option(v.record(v.string(), v.union([v.number(), v.string(), v.boolean()], PARAMETERS)), {
      type: "parameters",
      flag: "--set <name=value>",
      help: "the value of a parameter of the recipe, such as kernelSize=3; may be repeated",
      otherwise: "its defaults",
      group: RECIPE,
    }),
  ),
} as const;

/** Options that affect only how long a training takes, and how much work a crash can lose. */
export const machineEntries = {
  threads: v.optional(
    option(count, {
      flag: "--threads <n>",
      help: "number of threads; affects only the speed",
      otherwise: "all processors",
      group: MACHINE,
      resumable: true,
    }),
  ),
  checkpointEvery: v.optional(
    option(v.pipe(v.number(SECONDS), v.minValue(0, SECONDS)), {
      flag: "--checkpoint-every <seconds>",
      help: "how much work a crash can cost at most",
      unit: "seconds",
      group: MACHINE,
      resumable: true,
    }),
    10,
  ),
} as const;

/** Checks the options of a machine without filling in defaults. */
export const machineSchema = v.partial(v.strictObject(machineEntries));

const { optimizer: _, ...drawable } = settingEntries;

/** Checks {@link Overrides} without filling in defaults. */
export const overridesSchema = v.partial(v.strictObject({ ...drawable, ...shapingEntries }));

/** An option of a training. */
export interface TrainingOption extends OptionRow {
  /** What it belongs to: the origin of the training, the values that replace a recipe's own, or the machine. */
  readonly part: "origin" | "overrides" | "machine";
}

const rowsOf = (part: TrainingOption["part"], entries: v.ObjectEntries): readonly TrainingOption[] =>
  optionRows(entries).map((row) => ({ ...row, part }));

const { recipe, budget, initFrom, backend } = originEntries;
/** Every option of a training, with its flag on the command line, its help and its range. */
export const trainingOptions: readonly TrainingOption[] = [
  ...rowsOf("origin", { recipe }),
  ...rowsOf("overrides", { ...shapingEntries, ...settingEntries }),
  ...rowsOf("origin", { budget, initFrom, ...dataEntries }),
  ...rowsOf("machine", { backend, ...machineEntries }),
];

/** The option at a path such as `split.validation`. */
export function trainingOption(path: string): TrainingOption {
  const found = trainingOptions.find((row) => row.path === path);
  if (!found) throw new Error(`a training has no option ${path}`);
  return found;
}
