import * as v from "valibot";
import { parseConfig } from "../../base/config.ts";
import { philox, purposes } from "../../base/philox.ts";
import { lookUp } from "../../base/registry.ts";
import type { Shape } from "../../base/shape.ts";
import { constantType } from "./constant.ts";
import { glorotNormalType } from "./glorotNormal.ts";
import { glorotUniformType } from "./glorotUniform.ts";
import { heNormalType } from "./heNormal.ts";
import { heUniformType } from "./heUniform.ts";
import type { InitializerConfig, InitializerType } from "./initializer.ts";
import { lecunNormalType } from "./lecunNormal.ts";
import { normalType } from "./normal.ts";
import { orthogonalType } from "./orthogonal.ts";
import { truncatedNormalType } from "./truncatedNormal.ts";
import { uniformType } from "./uniform.ts";

export { constant, ones, zeros } from "./constant.ts";
export { glorotNormal } from "./glorotNormal.ts";
export { glorotUniform } from "./glorotUniform.ts";
export { heNormal } from "./heNormal.ts";
export { heUniform } from "./heUniform.ts";
export type { InitializerConfig } from "./initializer.ts";
export { lecunNormal } from "./lecunNormal.ts";
export { normal } from "./normal.ts";
export { orthogonal } from "./orthogonal.ts";
export { truncatedNormal } from "./truncatedNormal.ts";
export { uniform } from "./uniform.ts";

/** Every kind of initializer. */
export const initializerTypes = [
  constantType,
  glorotNormalType,
  glorotUniformType,
  heNormalType,
  heUniformType,
  lecunNormalType,
  normalType,
  orthogonalType,
  truncatedNormalType,
  uniformType,
] as readonly unknown[] as readonly InitializerType[];

/** The schema of an initializer of any kind. */
export const initializer = v.pipe(
  v.looseObject({ type: v.string() }, "an initializer, such as glorotUniform()"),
  v.transform(
    (written): InitializerConfig =>
      parseConfig(lookUp("initializer", initializerTypes, written.type).schema, written, written.type),
  ),
);

/** The first values of a parameter. `stream` is its number in the model, so that parameters share no draws. */
export function initialValues(config: InitializerConfig, shape: Shape, seed: number, stream: number): Float32Array {
  const type = lookUp("initializer", initializerTypes, config.type);
  const random = (element: number, attempt: number) =>
    philox([seed >>> 0, purposes.initialize], [element, attempt, stream, 0]);
  return type.values(config, shape, random);
}
