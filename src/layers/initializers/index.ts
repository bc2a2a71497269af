import { constantType } from "./constant.ts";
import { glorotNormalType } from "./glorotNormal.ts";
import { glorotUniformType } from "./glorotUniform.ts";
import { heNormalType } from "./heNormal.ts";
import { heUniformType } from "./heUniform.ts";
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

/** All built-in initializers. */
export const initializerTypes: readonly { readonly type: string }[] = [
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
];
