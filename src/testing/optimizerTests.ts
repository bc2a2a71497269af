import type { Backend } from "../backends/backend.ts";
import { firstStepTensor, seedTensor } from "../compiler/storage.ts";
import { Engine } from "../engine/engine.ts";
import { scalarNames, updated, updateNodes } from "../engine/update.ts";
import type { Tensor } from "../ops/graph.ts";
import type { OptimizerConfig, StepScalars } from "../optimizers/optimizer.ts";
import { optimizerType, parseOptimizer, scalarsAt } from "../optimizers/registry.ts";
import { availableBackends } from "./backends.ts";
import { checkJson, checkRefused, type Test, testsOf } from "./test.ts";
import { checkClose, checkSame, unitValues, wideValues } from "./values.ts";

/** The terms of an update of one weight, as numbers. */
export interface UpdateNumbers {
  readonly w: number;
  readonly dw: number;
  /** The numbers of the step, from the optimizer's `scalars`. */
  readonly scalars: StepScalars<number>;
  /** The number of the step, from 0. */
  readonly step: number;
  /** The slots of the weight, initially 0. */
  readonly slots: Readonly<Record<string, number>>;
  readonly weightDecay: number;
}

/** The update rule of an optimizer for one weight, in float64: the new weight and slots. */
export type UpdateRule = (terms: UpdateNumbers) => {
  readonly w: number;
  readonly slots: Readonly<Record<string, number>>;
};

/** How an optimizer is tested. */
export interface OptimizerTestOptions {
  /** What the optimizer must agree with. */
  readonly reference?: UpdateRule;
  /** Default: all that are available, see {@link availableBackends}. */
  readonly backends?: readonly Backend[];
}

const STEPS = 20;
const WEIGHTS = 53;

/** A kernel, and its gradients at each step: of several magnitudes, some of them 0. */
const w: Tensor = { name: "w", shape: [WEIGHTS, 1], type: "f32", of: "batch" };
const dw: Tensor = { ...w, name: "dw" };
const start = unitValues(WEIGHTS, 300);
const gradients = wideValues(WEIGHTS * STEPS, 301).map((value, i) => (i % 7 === 0 ? 0 : value));

/** The weights after 20 updates by the optimizer, on a back end. */
async function run(optimizer: OptimizerConfig, backend: Backend): Promise<Float64Array> {
  const scalars: Tensor = { name: "scalars", shape: [scalarNames(optimizer).length], type: "f32", of: "batch" };
  const all = updated(w, dw, optimizer);
  const spec = {
    name: "update",
    batch: 1,
    steps: STEPS,
    nodes: [],
    updates: updateNodes([all], scalars, optimizer),
    state: [w, ...Object.values(all.slots), ...(all.average ? [all.average] : []), seedTensor, firstStepTensor],
    perStep: [scalars, dw],
    outputs: [],
  };
  const engine = await Engine.create([spec], backend);
  const elements = (tensor: Tensor) => engine.elements("update", { ...tensor, type: "f32" });
  elements(w).set(start);
  elements(dw).set(gradients);
  elements(scalars).set(Array.from({ length: STEPS }, (_, step) => Object.values(scalarsAt(optimizer, step))).flat());
  await engine.run("update", STEPS);
  return Float64Array.from(elements(w));
}

/** The same by the reference. */
function follow(optimizer: OptimizerConfig, reference: UpdateRule): Float64Array {
  const none = Object.fromEntries(Object.keys(optimizerType(optimizer).slots).map((name) => [name, 0]));
  return start.map((first, i) => {
    let state: ReturnType<UpdateRule> = { w: first, slots: none };
    for (let step = 0; step < STEPS; step++) {
      const scalars = scalarsAt(optimizer, step);
      const { weightDecay } = optimizer;
      state = reference({ ...state, dw: gradients[step * WEIGHTS + i]!, scalars, step, weightDecay });
    }
    return state.w;
  });
}

/**
 * Tests of a registered optimizer with the given settings. It survives JSON; rejects an unknown setting; gives the same
 * weights, bit for bit, on all back ends of equal arithmetic, after 20 updates of a kernel with gradients up to ±30 and of
 * 0; and agrees with `reference`, if given, within 1e-5 · |w| + 1e-6.
 */
export function optimizerTests(optimizer: OptimizerConfig, options: OptimizerTestOptions = {}): readonly Test[] {
  const { reference, backends = availableBackends() } = options;
  return testsOf({ settings: optimizer, find: () => optimizerType(optimizer), register: "registerOptimizer" }, [
    { name: "survives JSON", run: () => checkJson(optimizer, parseOptimizer) },
    {
      name: "rejects an unknown setting",
      run: () =>
        checkRefused(() => parseOptimizer({ ...optimizer, noSuchSetting: 1 } as OptimizerConfig), /noSuchSetting/),
    },
    ...backends.map((backend) => ({
      name: `updates weights on ${backend.name}`,
      async run() {
        const weights = await run(optimizer, backend);
        const first = backends.find(({ arithmetic }) => arithmetic === backend.arithmetic)!;
        checkSame(`weights, compared with ${first.name}`, weights, await run(optimizer, first));
        if (weights.every((value, i) => value === start[i])) throw new Error("no weight has changed");
        if (!weights.every(Number.isFinite)) throw new Error("a weight is not finite");
        if (!reference) return;
        const want = follow(optimizer, reference);
        checkClose("weights", weights, want, (i) => 1e-5 * Math.abs(want[i]!) + 1e-6);
      },
    })),
  ]);
}
