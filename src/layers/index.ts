import { addType } from "./add.ts";
import { averagePool2dType } from "./averagePool2d.ts";
import { batchNormalizationType } from "./batchNormalization.ts";
import { concatenateType } from "./concatenate.ts";
import { conv2dType } from "./conv2d.ts";
import { denseType } from "./dense.ts";
import { depthwiseConv2dType } from "./depthwiseConv2d.ts";
import { dropoutType } from "./dropout.ts";
import { flattenType } from "./flatten.ts";
import { gaussianNoiseType } from "./gaussianNoise.ts";
import { geluType } from "./gelu.ts";
import { globalAveragePool2dType } from "./globalAveragePool2d.ts";
import { hardSwishType } from "./hardSwish.ts";
import { identityType } from "./identity.ts";
import { leakyReluType } from "./leakyRelu.ts";
import { localResponseNormalizationType } from "./localResponseNormalization.ts";
import { maxPool2dType } from "./maxPool2d.ts";
import { randomAffineType } from "./randomAffine.ts";
import { randomColorType } from "./randomColor.ts";
import { randomContrastType } from "./randomContrast.ts";
import { randomCropType } from "./randomCrop.ts";
import { randomElasticType } from "./randomElastic.ts";
import { randomErasingType } from "./randomErasing.ts";
import { randomFlipType } from "./randomFlip.ts";
import { randomThicknessType } from "./randomThickness.ts";
import { reluType } from "./relu.ts";
import { sigmoidType } from "./sigmoid.ts";
import { siluType } from "./silu.ts";
import { softmaxType } from "./softmax.ts";
import { spatialDropout2dType } from "./spatialDropout2d.ts";
import { tanhType } from "./tanh.ts";

export type { Padding } from "../ops/window.ts";
export { add } from "./add.ts";
export { averagePool2d } from "./averagePool2d.ts";
export { batchNormalization } from "./batchNormalization.ts";
export { concatenate } from "./concatenate.ts";
export { conv2d } from "./conv2d.ts";
export { dense } from "./dense.ts";
export { depthwiseConv2d } from "./depthwiseConv2d.ts";
export { type DropoutOptions, dropout } from "./dropout.ts";
export { flatten } from "./flatten.ts";
export { gaussianNoise } from "./gaussianNoise.ts";
export { gelu } from "./gelu.ts";
export { globalAveragePool2d } from "./globalAveragePool2d.ts";
export { hardSwish } from "./hardSwish.ts";
export { identity } from "./identity.ts";
export { type InceptionConvolution, type InceptionOptions, inception } from "./inception.ts";
export * from "./initializers/index.ts";
export type { LayerBuilder, LayerConfig, LayerOptions } from "./layer.ts";
export { leakyRelu } from "./leakyRelu.ts";
export { localResponseNormalization } from "./localResponseNormalization.ts";
export { maxPool2d } from "./maxPool2d.ts";
export { randomAffine } from "./randomAffine.ts";
export { randomColor } from "./randomColor.ts";
export { randomContrast } from "./randomContrast.ts";
export { randomCrop } from "./randomCrop.ts";
export { randomElastic } from "./randomElastic.ts";
export { randomErasing } from "./randomErasing.ts";
export { randomFlip } from "./randomFlip.ts";
export { randomThickness } from "./randomThickness.ts";
export { relu } from "./relu.ts";
export { type Layers, residual } from "./residual.ts";
export { sigmoid } from "./sigmoid.ts";
export { silu } from "./silu.ts";
export { softmax } from "./softmax.ts";
export { spatialDropout2d } from "./spatialDropout2d.ts";
export { tanh } from "./tanh.ts";
export type { WindowOptions } from "./window.ts";

/** All built-in layers. */
export const layerTypes: readonly { readonly type: string }[] = [
  addType,
  averagePool2dType,
  batchNormalizationType,
  concatenateType,
  conv2dType,
  denseType,
  depthwiseConv2dType,
  dropoutType,
  flattenType,
  gaussianNoiseType,
  geluType,
  globalAveragePool2dType,
  hardSwishType,
  identityType,
  leakyReluType,
  localResponseNormalizationType,
  maxPool2dType,
  randomAffineType,
  randomColorType,
  randomContrastType,
  randomCropType,
  randomElasticType,
  randomErasingType,
  randomFlipType,
  randomThicknessType,
  reluType,
  sigmoidType,
  siluType,
  softmaxType,
  spatialDropout2dType,
  tanhType,
];
