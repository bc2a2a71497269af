import type * as v from "valibot";
import type { Words } from "../../base/philox.ts";
import { type Shape, sizeOf } from "../../base/shape.ts";

/** An initializer as plain data: its `type` and settings. */
export interface InitializerConfig {
  readonly type: string;
}

/** Four random words for each element and attempt, of a stream that belongs to one parameter. */
export type RandomWords = (element: number, attempt: number) => Words;

/** How a parameter starts. */
export interface InitializerType<C extends InitializerConfig = InitializerConfig> {
  readonly type: C["type"];
  readonly schema: v.GenericSchema<unknown, C>;
  /** The first value of every element, in row-major order. */
  values(config: C, shape: Shape, random: RandomWords): Float32Array;
}

/** An initializer's record as it is; TypeScript infers its settings from the schema, and checks the rest against them. */
export const defineInitializer = <C extends InitializerConfig>(record: InitializerType<C>): InitializerType<C> =>
  record;

/** Values that each element draws by itself. */
export const eachElement = (shape: Shape, draw: (element: number) => number): Float32Array =>
  Float32Array.from({ length: sizeOf(shape) }, (_, element) => draw(element));

/** Terms of each sum that a kernel [..., in, out] enters forward (in) and backward (out), as in Keras. */
export function fans(shape: Shape): { readonly fanIn: number; readonly fanOut: number } {
  const window = shape.slice(0, -2).reduce((n, extent) => n * extent, 1);
  return { fanIn: window * (shape.at(-2) ?? 1), fanOut: window * (shape.at(-1) ?? 1) };
}
