import { add } from "./add.ts";
import { averagePool2d } from "./averagePool2d.ts";
import { batchScale } from "./batchScale.ts";
import { betaRatio } from "./betaRatio.ts";
import { bias } from "./bias.ts";
import { calibrate } from "./calibrate.ts";
import { center } from "./center.ts";
import { channelSums } from "./channelSums.ts";
import { concatenate } from "./concatenate.ts";
import { conv2d } from "./conv2d.ts";
import { correct } from "./correct.ts";
import { dense } from "./dense.ts";
import { dropout } from "./dropout.ts";
import { flatten } from "./flatten.ts";
import { gaussianNoise } from "./gaussianNoise.ts";
import { gelu } from "./gelu.ts";
import { globalAveragePool2d } from "./globalAveragePool2d.ts";
import { hardSwish } from "./hardSwish.ts";
import { leakyRelu } from "./leakyRelu.ts";
import { localResponseNormalization } from "./localResponseNormalization.ts";
import { maxPool2d } from "./maxPool2d.ts";
import { mean } from "./mean.ts";
import { mix } from "./mix.ts";
import { normalize } from "./normalize.ts";
import { randomAffine } from "./randomAffine.ts";
import { randomColor } from "./randomColor.ts";
import { randomContrast } from "./randomContrast.ts";
import { randomCrop } from "./randomCrop.ts";
import { randomElastic } from "./randomElastic.ts";
import { randomErasing } from "./randomErasing.ts";
import { randomFlip } from "./randomFlip.ts";
import { randomThickness } from "./randomThickness.ts";
import { relu } from "./relu.ts";
import { runningScale } from "./runningScale.ts";
import { scaleShift } from "./scaleShift.ts";
import { sigmoid } from "./sigmoid.ts";
import { silu } from "./silu.ts";
import { softmax } from "./softmax.ts";
import { softmaxCrossEntropy } from "./softmaxCrossEntropy.ts";
import { spatialDropout2d } from "./spatialDropout2d.ts";
import { tanh } from "./tanh.ts";
import { weigh } from "./weigh.ts";
import { winogradInput } from "./winogradInput.ts";
import { winogradKernel } from "./winogradKernel.ts";
import { winogradOutput } from "./winogradOutput.ts";
import { winogradProduct } from "./winogradProduct.ts";

/** Every op, by name. */
export const ops = {
  add,
  averagePool2d,
  batchScale,
  betaRatio,
  bias,
  calibrate,
  center,
  channelSums,
  concatenate,
  conv2d,
  correct,
  dense,
  dropout,
  flatten,
  gaussianNoise,
  gelu,
  globalAveragePool2d,
  hardSwish,
  leakyRelu,
  localResponseNormalization,
  maxPool2d,
  mean,
  mix,
  normalize,
  randomAffine,
  randomColor,
  randomContrast,
  randomCrop,
  randomElastic,
  randomErasing,
  randomFlip,
  randomThickness,
  relu,
  runningScale,
  scaleShift,
  sigmoid,
  silu,
  softmax,
  softmaxCrossEntropy,
  spatialDropout2d,
  tanh,
  weigh,
  winogradInput,
  winogradKernel,
  winogradOutput,
  winogradProduct,
} as const;
