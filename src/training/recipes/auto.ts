import {
  dense,
  globalAveragePool2d,
  type LayerConfig,
  type Layers,
  maxPool2d,
  randomAffine,
  randomColor,
  randomContrast,
  residual,
} from "../../layers/index.ts";
import { type Model, network, summarize } from "../../model/index.ts";
import { convolution, nesterovOneCycle } from "./parts.ts";
import { batchesOf, type DataShape, defineRecipe } from "./recipe.ts";

/** Strided convolutions reduce images until their smaller side is at most this. */
const LARGEST_SIDE = 20;
const FIRST_CHANNELS = 16;
const STAGE_CHANNELS = [32, 64, 128];
/** The last stage has at least as many channels as there are classes, up to this. */
const MOST_CHANNELS = 256;

/** The largest shift, as a fraction of the image's sides. */
const SHIFT = 1 / 14;

/** Below this many color images, each color is seen on few things, and the network would learn colors rather than shapes. */
const FEW_IMAGES = 100;

/** The most multiply-adds of the forward passes of a training, unless its fewest epochs need more: minutes on two cores. */
const MOST_WORK = 5e12;
const [FEWEST_EPOCHS, MOST_EPOCHS] = [3, 300];
/** The steps of a training on few color images, whose colors change all the time. */
const STEPS_OF_FEW = 2000;
const [SMALLEST_BATCH, LARGEST_BATCH] = [16, 128];
/** The most pixels in a batch, so that its activations fit into memory. */
const MOST_PIXELS = 2 ** 21;
/** The learning rate at the peak for batches of the largest size. */
const LEARNING_RATE = 0.2;

const between = (low: number, high: number, x: number): number => Math.max(low, Math.min(high, x));

/** Strided convolutions that reduce images of any size to about the size of the built-in letters after the first one. */
function reduction([height, width]: Model["input"]): Layers {
  const halved = (side: number) => Math.ceil(side / 2);
  const side = Math.min(height, width);
  if (side < LARGEST_SIDE) return convolution(FIRST_CHANNELS, 3);
  const layers = [...convolution(FIRST_CHANNELS, 5, 2)];
  for (let reduced = halved(side); reduced > LARGEST_SIDE; reduced = halved(reduced))
    layers.push(...convolution(STAGE_CHANNELS[0]!, 3, 2));
  return layers;
}

/** ReLU(BN(conv 3×3)) to the channels of the stage, then x + ReLU(BN(conv 3×3 x)). */
const stage = (filters: number, name: string): Layers => [
  ...convolution(filters, 3),
  ...residual(convolution(filters, 3), { name }),
];

const hasFewColors = ({ images: { input }, trainingImages }: DataShape): boolean =>
  input[2] === 3 && trainingImages < FEW_IMAGES;

/** The network for images of a shape and a number of classes. Only its augmentation depends on how many images there are. */
function networkFor(shape: DataShape): Model {
  const { input, classes } = shape.images;
  const [height, width] = input;
  const stages = STAGE_CHANNELS.map((channels, k): readonly LayerConfig[] => {
    const filters = k < STAGE_CHANNELS.length - 1 ? channels : between(channels, MOST_CHANNELS, classes.length);
    return [...(k > 0 ? [maxPool2d(2, { padding: "same" })] : []), ...stage(filters, `block_${k + 1}`)].flat();
  });
  return network({ input, classes, labelSmoothing: 0.1 }, [
    randomAffine({ shift: [SHIFT * height, SHIFT * width], rotation: 8, scale: 0.1, shear: 0.1, fill: "edge" }),
    ...(hasFewColors(shape)
      ? [randomColor({ saturation: 1, hue: 60 }), randomContrast({ factor: 0.9, brightness: 0.4 })]
      : []),
    ...reduction(input),
    ...stages.flat(),
    globalAveragePool2d(),
    dense(classes.length),
  ]);
}

/** A power of two of at most a 16th of the images, so that an epoch has some steps. */
function batchSizeFor({ images: { input }, trainingImages }: DataShape): number {
  const [height, width] = input;
  const wanted = between(SMALLEST_BATCH, LARGEST_BATCH, trainingImages / 16);
  const most = Math.min(wanted, trainingImages, MOST_PIXELS / (height * width));
  let size = 1;
  while (2 * size <= most) size *= 2;
  return size;
}

/** 2,400 / √(number of images), so that four times as many images take twice as long; fewer where the work is too much. */
function epochsFor(shape: DataShape, model: Model, batchSize: number): number {
  const { trainingImages } = shape;
  const multiplyAdds = summarize(model).reduce((sum, row) => sum + row.multiplyAdds, 0);
  const affordable = MOST_WORK / (multiplyAdds * trainingImages);
  const wanted = hasFewColors(shape)
    ? (STEPS_OF_FEW * batchSize) / trainingImages
    : Math.min(MOST_EPOCHS, 2400 / Math.sqrt(trainingImages));
  return Math.max(FEWEST_EPOCHS, Math.min(wanted, affordable));
}

/**
 * The default for data of one's own: a network that fits the size of the images and the number of classes, and a length
 * and a batch size that fit the number of images. Everything follows from these numbers; no pixel is looked at.
 */
export const auto = defineRecipe({
  name: "auto",
  description: "fitted to the data: batch normalization, residual blocks, Nesterov momentum, one cycle",
  training(shape, overrides) {
    const model = networkFor(shape);
    const batchSize = batchSizeFor(shape);
    const own = { batchSize, epochs: epochsFor(shape, model, batchSize) };
    const batches = batchesOf(shape, overrides, own);
    const { learningRate = LEARNING_RATE * Math.min(1, Math.sqrt(batches.batchSize / LARGEST_BATCH)) } = overrides;
    return { ...batches, model, optimizer: nesterovOneCycle(batches.steps, learningRate) };
  },
});
