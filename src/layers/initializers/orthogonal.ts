import * as v from "valibot";
import { parseConfig, positive } from "../../base/config.ts";
import { type Shape, sizeOf } from "../../base/shape.ts";
import type { InitializerType, RandomWords } from "./initializer.ts";
import { drawNormal } from "./normal.ts";

const schema = v.strictObject({ type: v.literal("orthogonal"), gain: v.optional(positive, 1) });
export type OrthogonalConfig = v.InferOutput<typeof schema>;

/**
 * A random orthogonal matrix times `gain` (default 1): the kernel [..., in, out], as a matrix of all its inputs by
 * its outputs, has orthonormal columns, or orthonormal rows if it has more outputs than inputs.
 *
 * Same as Keras' Orthogonal, and as PyTorch's `orthogonal_` of the transposed matrix. Source: Saxe, McClelland,
 * Ganguli, "Exact solutions to the nonlinear dynamics of learning in deep linear neural networks", ICLR 2014.
 */
export const orthogonal = (options: { readonly gain?: number } = {}): OrthogonalConfig =>
  parseConfig(schema, { type: "orthogonal", ...options }, "orthogonal");

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, x, i) => sum + x * b[i]!, 0);

/**
 * Orthonormal vectors from normal ones, by Gram–Schmidt. Projections are subtracted twice, so that rounding
 * leaves nothing of them.
 */
function orthonormal(count: number, length: number, random: RandomWords): readonly Float64Array[] {
  const vectors: Float64Array[] = [];
  for (let k = 0; k < count; k++) {
    const vector = Float64Array.from({ length }, (_, i) => drawNormal(k * length + i, random));
    for (const other of [...vectors, ...vectors]) {
      const along = dot(vector, other);
      for (let i = 0; i < length; i++) vector[i]! -= along * other[i]!;
    }
    const size = Math.sqrt(dot(vector, vector));
    vectors.push(vector.map((x) => x / size));
  }
  return vectors;
}

function values({ gain }: OrthogonalConfig, shape: Shape, random: RandomWords): Float32Array {
  const columns = shape.at(-1) ?? 1;
  const rows = sizeOf(shape) / columns;
  const vectors = orthonormal(Math.min(rows, columns), Math.max(rows, columns), random);
  return Float32Array.from({ length: rows * columns }, (_, element) => {
    const [row, column] = [Math.floor(element / columns), element % columns];
    return gain * (rows >= columns ? vectors[column]![row]! : vectors[row]![column]!);
  });
}

export const orthogonalType: InitializerType<OrthogonalConfig> = { type: "orthogonal", schema, values };
