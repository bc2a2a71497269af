import type { SplitSettings } from "../datasets/index.ts";
import { exponentialDecay, type OptimizerConfig, sgd, type WeightDecayMask } from "../optimizers/index.ts";
import type { ClassWeights } from "./classWeights.ts";
import type { EarlyStopping } from "./monitor.ts";

/** The settings of a training: plain data. Every one has a default. */
export interface TrainingSettings {
  /** Updates of the weights, with those before a resume: 1,001. */
  readonly steps?: number;
  /** Images of one step: 16. */
  readonly batchSize?: number;
  /**
   * Into how many parts the images of a step are divided, which run one after the other before the weights are updated:
   * 1. A divisor of `batchSize`. It saves memory; batch normalisation then sees one part at a time. As Keras'
   * `gradient_accumulation_steps`, but that `batchSize` counts the images of all parts.
   */
  readonly gradientAccumulation?: number;
  /**
   * Trains on mixtures of two images and of their labels, at ratios from the beta distribution Beta(mixup, mixup): 0,
   * for not at all. Each image of a step is mixed with the one before it. Zhang et al., "mixup", ICLR 2018.
   */
  readonly mixup?: number;
  /**
   * The share ε of each label that the loss of training spreads over all K classes alike, y = (1 − ε)·onehot + ε/K, in
   * [0, 1): the model's own, 0 for none. Validation and test scores are of the labels as they are. As Keras'
   * `label_smoothing`. Szegedy et al., "Rethinking the Inception architecture for computer vision", CVPR 2016.
   */
  readonly labelSmoothing?: number;
  /**
   * What the loss of an image of each class is multiplied by: 1. The loss of a step is the mean over its images, as with
   * Keras' `class_weight`, and not divided by the sum of the weights, as PyTorch's `weight`.
   */
  readonly classWeights?: ClassWeights;
  /** sgd(exponentialDecay(0.1, 100_000, 0.96)). */
  readonly optimizer?: OptimizerConfig;
  /** Fixes initial weights, splits, shuffles and dropout: 1. A whole number from 0 to 2³² − 1. */
  readonly seed?: number;
  /**
   * Sizes of the splits, as numbers or shares: a tenth each for validation and test; and what stays together: the
   * data set's groups or, where it has none, images with the same pixels.
   */
  readonly split?: SplitSettings;
  /** Steps between validations: 50; 0 for none but the last. */
  readonly validateEvery?: number;
  /** Leaves dropout on while validating, as the article's author did: false. */
  readonly dropoutInValidation?: boolean;
  /** The validation's score that tells the best weights, and early stopping: "accuracy" (the default) or "loss". */
  readonly monitor?: "accuracy" | "loss";
  /** Ends the training before `steps` where it gets no better: never. As Keras' EarlyStopping. */
  readonly earlyStopping?: EarlyStopping;
}

/** What a training is optimized by where nothing is said. */
export const defaultOptimizer: OptimizerConfig = sgd(exponentialDecay(0.1, 100_000, 0.96));

/**
 * Values that take the place of a recipe's own, as a command line gives them or a search draws them: settings of the
 * training, and what shapes a recipe's network and optimizer.
 */
export interface Overrides extends Omit<TrainingSettings, "optimizer"> {
  /** Passes over the training images, instead of steps. */
  readonly epochs?: number;
  /** The learning rate at the first step, or at the peak of a schedule that has one. */
  readonly learningRate?: number;
  /** How much the optimizer pulls weights towards 0. */
  readonly weightDecay?: number;
  /** Which parameters weight decay applies to. */
  readonly weightDecayMask?: WeightDecayMask;
  /** The share that the recipe's dropout keeps; 1 drops nothing. */
  readonly keepProbability?: number;
  /** Whether convolutions are computed by Winograd's algorithm where that saves work. */
  readonly winograd?: boolean;
}
