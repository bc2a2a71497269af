import type { SplitSettings } from "../datasets/index.ts";
import { exponentialDecay, type OptimizerConfig, sgd, type WeightDecayMask } from "../optimizers/index.ts";
import type { ClassWeights } from "./classWeights.ts";
import type { EarlyStopping } from "./monitor.ts";
import type { ImageOrder } from "./order.ts";
import type { Parameters } from "./space/parameter.ts";

/** The settings of a training, as plain data. Every one has a default. */
export interface TrainingSettings {
  /** Weight updates, including those before a resume. Default: 1,001. */
  readonly steps?: number;
  /** Images per step. Default: 16. */
  readonly batchSize?: number;
  /**
   * The number of parts into which the images of a step are divided, processed one after another before the weights are
   * updated; a divisor of `batchSize`. This saves memory; batch normalization then sees one part at a time. Like
   * Keras's `gradient_accumulation_steps`, except that `batchSize` counts the images of all parts. Default: 1.
   */
  readonly gradientAccumulation?: number;
  /**
   * Trains on mixtures of two images and of their labels, at ratios drawn from the beta distribution Beta(mixup,
   * mixup). Each image of a step is mixed with the previous one. Default: 0, no mixing. Source: Zhang et al., "mixup",
   * ICLR 2018.
   */
  readonly mixup?: number;
  /**
   * The fraction ε of each label that the training loss spreads evenly over all K classes, y = (1 − ε)·onehot + ε/K, in
   * [0, 1). Validation and test losses use the original labels. Like Keras's `label_smoothing`. Default: the model's; 0
   * for none. Source: Szegedy et al., "Rethinking the Inception architecture for computer vision", CVPR 2016.
   */
  readonly labelSmoothing?: number;
  /**
   * The factor for the loss of each class's images. The loss of a step is the mean over its images, as with Keras's
   * `class_weight`; it is not divided by the sum of the weights, as with PyTorch's `weight`. Default: 1 for all.
   */
  readonly classWeights?: ClassWeights;
  /** The optimizer and its learning rate. Default: sgd(exponentialDecay(0.1, 100_000, 0.96)). */
  readonly optimizer?: OptimizerConfig;
  /** Seed of initial weights, splits, shuffling and dropout: a whole number from 0 to 2³² − 1. Default: 1. */
  readonly seed?: number;
  /**
   * "shuffled", anew for each epoch, or "as given": the training images always in the order that they have in the data,
   * so that a training of another program can be repeated. Default: "shuffled".
   */
  readonly order?: ImageOrder;
  /**
   * Where the splits come from, their sizes, as numbers of images or fractions, and which images stay together. Default:
   * the split that the source gives, and a tenth of the training images for each of validation and test that it does not
   * give; the data set's groups stay together or, if it has none, images with the same pixels.
   */
  readonly split?: SplitSettings;
  /** Steps between validations; 0 for a single one at the end. Default: 50, or steps / 50 in a longer training. */
  readonly validateEvery?: number;
  /** Whether dropout stays on in validation, as the article's author had it. Default: false. */
  readonly dropoutInValidation?: boolean;
  /** The validation score that determines the best weights and early stopping: "accuracy" (the default) or "loss". */
  readonly monitor?: "accuracy" | "loss";
  /** Ends the training before `steps` if it no longer improves, like Keras's EarlyStopping. Default: never. */
  readonly earlyStopping?: EarlyStopping;
}

/** The optimizer of a training that specifies none. */
export const defaultOptimizer = (learningRate = 0.1): OptimizerConfig =>
  sgd(exponentialDecay(learningRate, 100_000, 0.96));

/** The number of steps between validations, and of validations, of a training that specifies none. */
export const usualValidations = { every: 50, most: 50 } as const;

/** The steps between validations of a training that specifies none: a long one is validated less often. */
export const defaultValidateEvery = (steps: number): number =>
  Math.max(usualValidations.every, Math.ceil(steps / usualValidations.most));

/**
 * Values that replace a recipe's own, from a command line or a hyperparameter search: settings of the training, and
 * values that its network and optimizer are built with.
 */
export interface Overrides extends Omit<TrainingSettings, "optimizer"> {
  /** Passes over the training images, instead of steps. */
  readonly epochs?: number;
  /** The learning rate at the first step, or at the peak of a schedule that has one. */
  readonly learningRate?: number;
  /** The strength of weight decay, which pulls weights toward 0. */
  readonly weightDecay?: number;
  /** Which parameters weight decay applies to. */
  readonly weightDecayMask?: WeightDecayMask;
  /** The probability of keeping an element in the recipe's dropout; 1 for no dropout. */
  readonly keepProbability?: number;
  /** Whether convolutions use Winograd's algorithm where that saves work. */
  readonly winograd?: boolean;
  /** Values of parameters in the recipe's space; the others have their defaults. */
  readonly parameters?: Parameters;
}
