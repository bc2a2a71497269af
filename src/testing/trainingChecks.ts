import type { Backend } from "../backends/backend.ts";
import { sizeOf } from "../base/shape.ts";
import { Engine } from "../engine/engine.ts";
import type { Fed, FloatTensor } from "../engine/feed.ts";
import { type TrainingProgram, trainingProgram } from "../engine/programs.ts";
import { initializeTrainingStates, readState, startFrom } from "../engine/session.ts";
import { AVERAGE } from "../engine/update.ts";
import { initialWeights } from "../model/build.ts";
import type { Model } from "../model/model.ts";
import { type Application, shapesOf, type Tensor } from "../ops/graph.ts";
import type { OptimizerConfig } from "../optimizers/optimizer.ts";
import { optimizerType, scalarsAt } from "../optimizers/registry.ts";
import { isDecayed } from "../optimizers/weightDecayMask.ts";
import type { UpdateRule } from "./optimizerTests.ts";
import { Shadow } from "./shadow.ts";
import { checkClose, checkSame, dot, largest, unitValues } from "./values.ts";

/** A few steps of training on noise. */
export interface TrainingSteps {
  readonly model: Model;
  readonly optimizer: OptimizerConfig;
  readonly batchSize: number;
  readonly steps: number;
  /** The parameter of mixup's distribution; 0 for none. */
  readonly mixup: number;
  readonly seed: number;
}

/** What steps lead to. */
export interface TrainingResults {
  /** Of each step, before its update. */
  readonly losses: Float64Array;
  /** The state after the last step, by name: weights, slots of the optimizer, moving averages. */
  readonly state: ReadonlyMap<string, Float64Array>;
}

type Values = ReadonlyMap<string, Float64Array>;

/** The weights to begin with: those of the initializers, with some noise, since biases of 0 leave many values at kinks. */
const firstWeights = ({ weights }: TrainingProgram, seed: number): Map<string, Float32Array> =>
  new Map(
    [...initialWeights(weights, seed)].map(([name, values], k) => {
      const noise = unitValues(values.length, 1000 * seed + k);
      return [name, values.map((value, i) => value + 0.1 * noise[i]!)];
    }),
  );

/** Images and labels for all steps. */
function noiseFor({ images, labels, others }: TrainingProgram, { model, steps, seed }: TrainingSteps) {
  return [{ images, labels }, ...(others ? [others] : [])].flatMap((fed: Fed, k) => {
    const noise = (t: Tensor, levels: number, stream: number) =>
      unitValues(steps * sizeOf(t.shape), 1000 * seed + 900 + 10 * k + stream).map((value) =>
        Math.floor(((value + 1) / 2) * levels),
      );
    return [
      { tensor: fed.images, values: noise(fed.images, 256, 0) },
      { tensor: fed.labels, values: noise(fed.labels, model.classes.length, 1) },
    ];
  });
}

const isApplication = (node: object): node is Application => "op" in node;

/** The loss of a step by the references of all ops, which share no code with the loops. */
function referenceLoss({ spec, loss }: TrainingProgram, values: Values, seed: number, step: number): number {
  const known = new Map(values);
  for (const { op, inputs, output, attrs } of spec.nodes.filter(isApplication)) {
    const y = new Float64Array(sizeOf(output.shape));
    const read = Object.fromEntries(Object.entries(inputs).map(([name, { name: from }]) => [name, known.get(from)!]));
    op.reference(read, shapesOf(inputs), y, output.shape, attrs, { seed, step });
    known.set(output.name, y);
  }
  return known.get(loss.name)![0]!;
}

/** How far the shadow may be from the references, relative to the largest value. */
const SHADOW_TOLERANCE = 1e-6;
/** The step of finite differences: so small that few activations cross a kink, since float64 leaves enough digits. */
const STEP = 1e-7;
/** A direction that crosses a kink has no slope, so one in several has to agree; a wrong gradient agrees with none. */
const DIRECTIONS = 4;

/** Throws unless the gradients are the slopes of the references along random directions of all parameters together. */
function checkGradients(program: TrainingProgram, values: Values, gradients: Values, seed: number, step: number): void {
  const problems: string[] = [];
  for (let direction = 0; direction < DIRECTIONS; direction++) {
    const along = new Map(
      [...gradients].map(([name, { length }], k) => [name, unitValues(length, 1000 * seed + 500 + 50 * direction + k)]),
    );
    const lossAt = (by: number) =>
      referenceLoss(
        program,
        new Map(
          [...values].map(([name, x]) => [name, along.has(name) ? x.map((w, i) => w + by * along.get(name)![i]!) : x]),
        ),
        seed,
        step,
      );
    const want = (lossAt(STEP) - lossAt(-STEP)) / (2 * STEP);
    const terms = [...gradients].map(([name, g]) => [
      dot(g, along.get(name)!),
      dot(g.map(Math.abs), along.get(name)!.map(Math.abs)),
    ]);
    const [got, size] = [0, 1].map((k) => terms.reduce((sum, term) => sum + term[k]!, 0)) as [number, number];
    if (Math.abs(got - want) <= SHADOW_TOLERANCE * (1 + size)) return;
    problems.push(`${got}, expected ${want}`);
  }
  throw new Error(`step ${step}: the slope of the loss along random directions is ${problems.join("; ")}`);
}

/** Throws unless the state after a step follows from that before it and the gradients, by the formula of the optimizer. */
function checkUpdates(
  { parameters, averages }: TrainingProgram,
  optimizer: OptimizerConfig,
  update: UpdateRule,
  before: Values,
  gradients: Values,
  after: Values,
  step: number,
): void {
  const squares = [...gradients.values()].reduce((sum, g) => sum + dot(g, g), 0);
  const { clipNorm, averageDecay } = optimizer;
  const factor = clipNorm > 0 ? Math.min(1, clipNorm / (Math.sqrt(squares) + 1e-6)) : 1;
  const decay = Math.min(averageDecay, (1 + step) / (10 + step));
  const slotNames = Object.keys(optimizerType(optimizer).slots);
  const scalars = scalarsAt(optimizer, step);
  for (const parameter of parameters) {
    const { name } = parameter;
    const weightDecay = isDecayed(optimizer.weightDecayMask, parameter) ? optimizer.weightDecay : 0;
    const want = Array.from(before.get(name)!, (w, i) => {
      const slots = Object.fromEntries(slotNames.map((slot) => [slot, before.get(`${name}.${slot}`)![i]!]));
      return update({ w, dw: factor * gradients.get(name)![i]!, scalars, step, slots, weightDecay });
    });
    const check = (what: string, values: readonly number[]) => {
      const allowed = SHADOW_TOLERANCE * (1e-3 + largest(Float64Array.from(values)));
      checkClose(`step ${step}: ${what}`, after.get(what)!, values, () => allowed);
    };
    check(
      name,
      want.map(({ w }) => w),
    );
    for (const slot of slotNames)
      check(
        `${name}.${slot}`,
        want.map(({ slots }) => slots[slot]!),
      );
    const average = averages.get(name)?.name;
    if (average)
      check(
        average,
        want.map(({ w }, i) => decay * before.get(average)![i]! + (1 - decay) * w),
      );
  }
}

/** What all ways to train share: the program, its first weights, and what the host feeds for all steps. */
export function prepare(training: TrainingSteps, stepsOfProgram: number) {
  const { model, optimizer, batchSize, mixup, seed, steps } = training;
  const program = trainingProgram(model, { batchSize, optimizer, steps: stepsOfProgram, mixup });
  const scalars = Array.from({ length: steps }, (_, step) => Object.values(scalarsAt(optimizer, step))).flat();
  const fed = [...noiseFor(program, training), { tensor: program.scalars, values: Float64Array.from(scalars) }];
  return { program, weights: firstWeights(program, seed), fed };
}

/**
 * Trains in the shadow. Throws unless each loss is that of the references within 1e-6, and each gradient agrees with their
 * slopes; with `update`, also unless each parameter, slot and moving average follows from the gradient.
 */
export function trainShadow(training: TrainingSteps, update?: UpdateRule): TrainingResults {
  const { optimizer, seed, steps } = training;
  const { program, weights, fed } = prepare(training, 1);
  const shadow = new Shadow(program.spec);
  const read = (tensors: readonly Tensor[]) =>
    new Map(tensors.map((tensor) => [tensor.name, Float64Array.from(shadow.elements(tensor))]));
  const feed = (step: number) => {
    for (const { tensor, values } of fed) {
      const size = sizeOf(tensor.shape);
      shadow.elements(tensor).set(values.subarray(step * size, (step + 1) * size));
    }
  };
  const begin = () => {
    for (const tensor of program.state)
      shadow
        .elements(tensor)
        .set(weights.get(tensor.name.replace(AVERAGE, "")) ?? new Float64Array(sizeOf(tensor.shape)));
  };
  begin();
  feed(0);
  shadow.run(1, 0, seed); // a trial run, as in an engine
  const trial = read(program.trainingStates);
  begin();
  for (const tensor of program.trainingStates) shadow.elements(tensor).set(trial.get(tensor.name)!);

  const losses = new Float64Array(steps);
  for (let step = 0; step < steps; step++) {
    feed(step);
    const before = read([...program.state, ...fed.map(({ tensor }) => tensor)]);
    shadow.run(1, step, seed);
    losses[step] = shadow.elements(program.loss)[0]!;
    const want = referenceLoss(program, before, seed, step);
    checkClose(`the loss of step ${step}`, [losses[step]!], [want], () => SHADOW_TOLERANCE * (1 + Math.abs(want)));
    const gradients = new Map(
      program.parameters.map((w) => [w.name, Float64Array.from(shadow.elements(program.gradients.get(w)!))]),
    );
    checkGradients(program, before, gradients, seed, step);
    if (update) checkUpdates(program, optimizer, update, before, gradients, read(program.state), step);
  }
  return { losses, state: read(program.state) };
}

/** The same in float32, on a back end. */
export async function trainOnBackend(training: TrainingSteps, backend: Backend): Promise<TrainingResults> {
  const { seed, steps } = training;
  const { program, weights, fed } = prepare(training, steps);
  const engine = await Engine.create([program.spec], backend);
  try {
    for (const { tensor, values } of fed) engine.elements(program.spec.name, tensor as FloatTensor).set(values);
    startFrom(engine, program, weights);
    await initializeTrainingStates(engine, program, 0, seed);
    await engine.run(program.spec.name, steps, 0, seed);
    const state = [...readState(engine, program)].map(([name, values]) => [name, Float64Array.from(values)] as const);
    return { losses: Float64Array.from(engine.elements(program.spec.name, program.loss)), state: new Map(state) };
  } finally {
    engine.close();
  }
}

/** Throws unless both are the same, bit for bit. */
export function checkSameResults(got: TrainingResults, want: TrainingResults): void {
  checkSame("losses", got.losses, want.losses);
  for (const [name, values] of want.state) checkSame(`${name} after the last step`, got.state.get(name)!, values);
}

/** What is smaller than this is compared with this: gradients that are 0 leave noise in slots. */
const SMALL = 1e-3;

/** How far float32 is from the shadow, relative to the largest loss, and to the largest element of each tensor. */
export function errorsOf(
  got: TrainingResults,
  want: TrainingResults,
): { readonly loss: number; readonly state: number } {
  const error = (a: Float64Array, b: Float64Array) =>
    largest(a.map((value, i) => value - b[i]!)) / Math.max(largest(b), SMALL);
  return {
    loss: error(got.losses, want.losses),
    state: Math.max(...[...want.state].map(([name, values]) => error(got.state.get(name)!, values))),
  };
}
