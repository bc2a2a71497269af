import type * as v from "valibot";
import type { Words } from "../../base/philox.ts";
import { type Shape, sizeOf } from "../../base/shape.ts";

/** An initializer as plain data: its `type` and settings. */
export interface InitializerConfig {
  readonly type: string;
}

/** Four random words for each element and attempt, from a stream of the parameter's own. */
export type RandomWords = (element: number, attempt: number) => Words;

/** A type of initializer: its settings, and the values that it gives a parameter. */
export interface InitializerType<C extends InitializerConfig = InitializerConfig> {
  readonly type: C["type"];
  readonly schema: v.GenericSchema<unknown, C>;
  /** The initial value of every element, in row-major order. */
  values(config: C, shape: Shape, random: RandomWords): Float32Array;
}

/** Returns the initializer unchanged; TypeScript infers its settings from the schema and checks the rest against them. */
export const defineInitializer = <C extends InitializerConfig>(record: InitializerType<C>): InitializerType<C> =>
  record;

/** Values in row-major order, each from the index of its element. */
export const eachElement = (shape: Shape, draw: (element: number) => number): Float32Array =>
  Float32Array.from({ length: sizeOf(shape) }, (_, element) => draw(element));

/** The fans of a kernel [..., in, out], as in Keras: the number of terms in each sum forward (in) and backward (out). */
export function fans(shape: Shape): { readonly fanIn: number; readonly fanOut: number } {
  const window = shape.slice(0, -2).reduce((n, extent) => n * extent, 1);
  return { fanIn: window * (shape.at(-2) ?? 1), fanOut: window * (shape.at(-1) ?? 1) };
}
