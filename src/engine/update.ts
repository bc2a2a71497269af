import { block, define, load, loops, store } from "../ir/build.ts";
import type { Affine, Stmt, Value } from "../ir/types.ts";
import { at } from "../ir/view.ts";
import type { Node, Tensor } from "../ops/graph.ts";
import { type OptimizerConfig, optimizerType, scalarsAt, type UpdateTerms } from "../optimizers/index.ts";

/** A parameter, its gradient, and what the optimizer keeps for it. */
export interface Updated {
  readonly w: Tensor;
  readonly dw: Tensor;
  /** By the optimizer's names of its slots. */
  readonly slots: Readonly<Record<string, Tensor>>;
  /** Whether weight decay applies. */
  readonly decays: boolean;
}

/** The step's numbers for an optimizer, fed by the host: [S], in the order of `scalarNames`. */
export const scalarNames = (optimizer: OptimizerConfig): readonly string[] => Object.keys(scalarsAt(optimizer, 0));

/** The slots of a parameter, named after it. */
export const slotsOf = (w: Tensor, optimizer: OptimizerConfig): Record<string, Tensor> =>
  Object.fromEntries(
    Object.keys(optimizerType(optimizer).slots).map((name) => [name, { ...w, name: `${w.name}.${name}` }]),
  );

/** The node that updates one parameter in place: each slot's next value, then the weight's. */
export function updateNode({ w, dw, slots, decays }: Updated, scalars: Tensor, optimizer: OptimizerConfig): Node {
  const type = optimizerType(optimizer);
  const names = scalarNames(optimizer);
  return {
    name: `update.${w.name}`,
    writes: [w, ...Object.values(slots)],
    scratch: [],
    nests(view) {
      const extents = Object.fromEntries(w.shape.map((extent, d) => [`d${d}`, extent]));
      return [
        loops(extents, (axes) => {
          const index = Object.values<Affine>(axes);
          const read = (t: Tensor): Value => load(at(view(t), ...index));
          const numbers = Object.fromEntries(names.map((name, k) => [name, load(at(view(scalars), k))]));
          const kept = Object.fromEntries(Object.entries(slots).map(([name, t]) => [name, read(t)]));
          const weightDecay = decays ? optimizer.weightDecay : 0;
          const terms: UpdateTerms = { w: read(w), dw: read(dw), scalars: numbers, slots: kept, weightDecay };
          const next = (rest: readonly string[], values: Record<string, Value>): Stmt => {
            const [name, ...others] = rest;
            if (name !== undefined)
              return define(name, type.slots[name]!(terms, optimizer), (x) => next(others, { ...values, [name]: x }));
            const stores = Object.entries(values).map(([slot, x]) => store(at(view(slots[slot]!), ...index), x));
            return block(store(at(view(w), ...index), type.weight({ ...terms, slots: values }, optimizer)), ...stores);
          };
          return next(Object.keys(slots), {});
        }),
      ];
    },
  };
}
