import { add, constant, div, elementwise, equal, integer, load, select, zero } from "../ir/build.ts";
import type { Value, View } from "../ir/types.ts";
import { at } from "../ir/view.ts";
import type { Node, Tensor } from "../ops/graph.ts";

/** Gradients that are accumulated over the batches of a training step. */
export interface Accumulated {
  /** [2], fed for each batch: the training step, and the index in it of the batch's first image. */
  readonly place: Tensor & { readonly type: "u32" };
  /** The sum of each parameter's gradients, which persists between batches. */
  readonly of: ReadonlyMap<Tensor, Tensor>;
  readonly nodes: readonly Node[];
  /** Whether a batch is the last one of its step, after which the weights are updated. */
  readonly isLast: (view: (t: Tensor) => View) => Value;
}

/**
 * sum ← (first batch of a step ? 0 : sum) + gradient / count. After the last batch, the sum is the gradient of the mean
 * loss over all images of the step. Batches are summed in order.
 */
export function accumulate(
  parameters: readonly Tensor[],
  gradients: ReadonlyMap<Tensor, Tensor>,
  { batchSize, count }: { readonly batchSize: number; readonly count: number },
): Accumulated {
  const place = { name: ".place", shape: [2], type: "u32", of: "batch" } as const satisfies Tensor;
  const firstImage = (view: (t: Tensor) => View) => load(at(view(place), 1));
  const of = new Map(parameters.map((w): [Tensor, Tensor] => [w, { ...w, name: `${w.name}.gradient` }]));
  const nodes = parameters.map((w): Node => {
    const [gradient, sum] = [gradients.get(w)!, of.get(w)!];
    return {
      name: `accumulate.${w.name}`,
      writes: [sum],
      scratch: [],
      nests: (view) => [
        elementwise(view(sum), (i) => {
          const before = select(equal(firstImage(view), integer(0)), zero, load(at(view(sum), ...i)));
          return add(before, div(load(at(view(gradient), ...i)), constant(count)));
        }),
      ],
    };
  });
  return { place, of, nodes, isLast: (view) => equal(firstImage(view), integer((count - 1) * batchSize)) };
}
