import { InklingError } from "../base/error.ts";
import {
  add,
  block,
  constant,
  define,
  div,
  load,
  loops,
  min,
  mul,
  one,
  scalar,
  select,
  sqrt,
  store,
  zero,
} from "../ir/build.ts";
import { contraction } from "../ir/contraction.ts";
import { follow, warmedUp } from "../ir/movingAverage.ts";
import type { Affine, Stmt, Value, View } from "../ir/types.ts";
import { at } from "../ir/view.ts";
import type { Node, Tensor } from "../ops/graph.ts";
import type { OptimizerConfig } from "../optimizers/index.ts";
import type { StepScalars, UpdateTerms, WeightTerms } from "../optimizers/optimizer.ts";
import { optimizerType, scalarsAt } from "../optimizers/registry.ts";
import { isDecayed } from "../optimizers/weightDecayMask.ts";

/** A parameter, its gradient, and the tensors kept for it from step to step. */
export interface Updated {
  readonly w: Tensor;
  readonly dw: Tensor;
  /** The optimizer's slots, by name. */
  readonly slots: Readonly<Record<string, Tensor>>;
  /** The moving average, if one is kept. */
  readonly average?: Tensor;
}

/** Appended to the name of a parameter for its moving average. */
export const AVERAGE = ".average";

/** The names of an optimizer's scalars, in the order in which the host feeds them. */
export const scalarNames = (optimizer: OptimizerConfig): readonly string[] => Object.keys(scalarsAt(optimizer, 0));

/** The tensors that an optimizer needs to update a parameter. */
export function updated(w: Tensor, dw: Tensor, optimizer: OptimizerConfig): Updated {
  const named = (name: string): Tensor => ({ ...w, name: w.name + name });
  const slots = Object.fromEntries(
    Object.keys(optimizerType(optimizer).slots).map((name) => [name, named(`.${name}`)]),
  );
  return { w, dw, slots, ...(optimizer.averageDecay > 0 && { average: named(AVERAGE) }) };
}

/**
 * The nodes that update all parameters in place, with gradients clipped if `clipNorm` is not 0; if `isDue` is given, only
 * at the steps at which it holds.
 */
export function updateNodes(
  all: readonly Updated[],
  scalars: Tensor,
  optimizer: OptimizerConfig,
  isDue?: (view: (t: Tensor) => View) => Value,
): readonly Node[] {
  const clip =
    optimizer.clipNorm > 0
      ? clipNodes(
          all.map((u) => u.dw),
          optimizer.clipNorm,
        )
      : undefined;
  const decay = optimizer.averageDecay > 0 ? decayNode(optimizer.averageDecay) : undefined;
  const settings = { scalars, optimizer, isDue, clip: clip?.scale, decay: decay?.rate };
  return [...(clip?.nodes ?? []), ...(decay ? [decay.node] : []), ...all.map((u) => updateNode(u, settings))];
}

/** The settings that the updates of all parameters share. */
interface UpdateSettings {
  readonly scalars: Tensor;
  readonly optimizer: OptimizerConfig;
  readonly isDue: ((view: (t: Tensor) => View) => Value) | undefined;
  /** The factor that all gradients are scaled by. */
  readonly clip: Tensor | undefined;
  /** The decay rate of the moving averages at this step. */
  readonly decay: Tensor | undefined;
}

const EPSILON = 1e-6;

/**
 * scale = min(1, clipNorm / (norm + 1e-6)), norm² = Σ g² over all gradients, summed first for each output channel
 * of each gradient, then over those sums in order. Same as PyTorch's `clip_grad_norm_`.
 */
function clipNodes(
  gradients: readonly Tensor[],
  clipNorm: number,
): { readonly nodes: readonly Node[]; readonly scale: Tensor } {
  const sums = gradients.map((g): Tensor => ({ ...g, name: `${g.name}.squares`, shape: g.shape.slice(-1) }));
  const squares = gradients.map((g, k) => squaresNode(g, sums[k]!));
  const scale: Tensor = { name: ".clip", shape: [1], type: "f32", of: "batch" };
  const total = scalar("total");
  const node: Node = {
    name: scale.name,
    writes: [scale],
    scratch: [],
    nests(view) {
      const norm = add(sqrt(load(total)), constant(EPSILON));
      const addUp = sums.map((s) =>
        loops({ c: s.shape[0]! }, ({ c }) => store(total, add(load(total), load(at(view(s), c))))),
      );
      return [block(store(total, zero), ...addUp, store(at(view(scale), 0), min(div(constant(clipNorm), norm), one)))];
    },
  };
  return { nodes: [...squares, node], scale };
}

/** Computes the decay rate of the moving averages, which depends on the step. */
function decayNode(averageDecay: number): { readonly node: Node; readonly rate: Tensor } {
  const rate: Tensor = { name: ".averageDecay", shape: [1], type: "f32", of: "batch" };
  const nests: Node["nests"] = (view, { step }) => [store(at(view(rate), 0), warmedUp(averageDecay, step))];
  return { node: { name: rate.name, writes: [rate], scratch: [], nests }, rate };
}

const squaresNode = (g: Tensor, sums: Tensor): Node => ({
  name: sums.name,
  writes: [sums],
  scratch: [],
  nests(view) {
    const extents = Object.fromEntries(g.shape.map((extent, d) => [`d${d}`, extent]));
    return [
      contraction(extents, (axes) => {
        const index = Object.values<Affine>(axes);
        return { out: at(view(sums), index.at(-1)!), a: at(view(g), ...index), b: at(view(g), ...index) };
      }),
    ];
  },
});

/** Updates a parameter: its slots, its weights, and their averages. */
function updateNode(u: Updated, settings: UpdateSettings): Node {
  const { w, slots, average } = u;
  return {
    name: `update.${w.name}`,
    writes: [w, ...Object.values(slots), ...(average ? [average] : [])],
    scratch: [],
    nests(view) {
      const extents = Object.fromEntries(w.shape.map((extent, d) => [`d${d}`, extent]));
      return [loops(extents, (axes) => updateElement(u, Object.values<Affine>(axes), view, settings))];
    },
  };
}

function updateElement(
  { w, dw, slots, average }: Updated,
  index: readonly Affine[],
  view: (t: Tensor) => View,
  { scalars, optimizer, isDue, clip, decay }: UpdateSettings,
): Stmt {
  const type = optimizerType(optimizer);
  const here = (t: Tensor) => at(view(t), ...index);
  const gradient = clip ? mul(load(here(dw)), load(at(view(clip), 0))) : load(here(dw));
  const kept = (values: Readonly<Record<string, Tensor>>) =>
    Object.fromEntries(Object.entries(values).map(([name, t]): [string, Value] => [name, load(here(t))]));
  const numbers = scalarNames(optimizer).map((name, k) => [name, load(at(view(scalars), k))]);
  const terms: UpdateTerms = {
    w: load(here(w)),
    dw: gradient,
    scalars: strict(Object.fromEntries(numbers) as StepScalars<Value>, optimizer, "scalar"),
    slots: strict(kept(slots), optimizer, "slot"),
    weightDecay: isDecayed(optimizer.weightDecayMask, w) ? optimizer.weightDecay : 0,
  };
  const write = (t: Tensor, value: Value): Stmt =>
    store(here(t), isDue ? select(isDue(view), value, load(here(t))) : value);
  const finish = (next: Readonly<Record<string, Value>>): Stmt => {
    const weightTerms: WeightTerms = { ...terms, next: strict(next, optimizer, "slot") };
    return define("weight", type.weight(weightTerms, optimizer), (weight) =>
      block(
        write(w, weight),
        ...Object.entries(next).map(([name, value]) => write(slots[name]!, value)),
        ...(average && decay ? [write(average, follow(load(here(average)), weight, load(at(view(decay), 0))))] : []),
      ),
    );
  };
  const defineSlots = ([name, ...rest]: readonly string[], next: Readonly<Record<string, Value>>): Stmt =>
    name === undefined
      ? finish(next)
      : define(name, type.slots[name]!(terms, optimizer), (value) => defineSlots(rest, { ...next, [name]: value }));
  return defineSlots(Object.keys(slots), {});
}

/** The same values; reading one of another name throws `INVALID_MODEL`, where it would be undefined. */
function strict<T extends object>(values: T, { type }: OptimizerConfig, kind: "scalar" | "slot"): T {
  return new Proxy(values, {
    get(target, name) {
      if (name in target) return target[name as keyof T];
      const names = Object.keys(target).join(", ") || "none";
      throw new InklingError(
        "INVALID_MODEL",
        `optimizer ${type}: there is no ${kind} ${String(name)}; its ${kind}s are: ${names}`,
      );
    },
  });
}
