import type { Shape } from "../base/shape.ts";
import { halosOf } from "../compiler/halo.ts";
import { affine, plus } from "../ir/affine.ts";
import { indexValue, load } from "../ir/build.ts";
import { accessesOfNest, type Nest } from "../ir/contraction.ts";
import type { Affine, View } from "../ir/types.ts";
import { at, memory } from "../ir/view.ts";
import type { Op, Sample } from "../ops/op.ts";

/** The seed and the step for random ops in tests. */
export const runtimeNumbers = { seed: 0x9abcdef1, step: 7 };

/** The nests of an op for one sample, over views with their halos. */
export interface OpProgram {
  readonly op: Op;
  readonly sample: Sample<string, unknown>;
  readonly yShape: Shape;
  readonly views: ReadonlyMap<string, View>;
  readonly forward: readonly Nest[];
  /** The nests of backward rules, by input. */
  readonly backward: ReadonlyMap<string, readonly Nest[]>;
}

/** The name of the buffer for the gradient of an input. */
export const gradientOf = (input: string): string => `d_${input}`;

/** All buffers of a program, without halos. */
function bareViews(op: Op, { shapes, attrs }: Sample<string, unknown>, yShape: Shape): readonly View[] {
  return [
    ...op.inputs.map((k) => memory(k, shapes[k]!, op.types?.[k])),
    ...Object.entries(op.saves?.(shapes, attrs) ?? {}).map(([k, shape]) => memory(k, shape)),
    ...Object.entries(op.scratch?.(shapes, attrs) ?? {}).map(([k, shape]) => memory(k, shape)),
    ...op.inputs.map((k) => memory(gradientOf(k), shapes[k]!)),
    memory("y", yShape, op.outputType),
    memory("dy", yShape),
    memory("seed", [1], "u32"),
    memory("step", [1], "u32"),
  ];
}

type Nests = Pick<OpProgram, "forward" | "backward">;

/** An op's nests over views of samples from the `first` of the batch on. */
function nestsOf(op: Op, attrs: unknown, views: ReadonlyMap<string, View>, first = 0): Nests {
  const view = (name: string) => views.get(name)!;
  const named = Object.fromEntries(views);
  const number = (name: string) => load(at(view(name), 0));
  const runtime = {
    seed: number("seed"),
    step: number("step"),
    sample: (n: Affine) => indexValue(plus(n, affine(first))),
  };
  const rules = op.inputs.flatMap((k) => {
    const rule = op.backward[k]!;
    return typeof rule === "function" ? [[k, rule] as const] : [];
  });
  return {
    forward: op.forward(named, view("y"), attrs, runtime),
    backward: new Map(rules.map(([k, rule]) => [k, rule(named, view("y"), view("dy"), view(gradientOf(k)), attrs)])),
  };
}

/** The program of an op for one of its samples. Throws as `infer` does. */
export function programOf(op: Op, sample: Sample<string, unknown>): OpProgram {
  const yShape = op.infer(sample.shapes, sample.attrs);
  const bare = bareViews(op, sample, yShape);
  const { forward, backward } = nestsOf(op, sample.attrs, new Map(bare.map((v) => [v.name, v])));
  const halos = halosOf(nestsIn({ forward, backward }));
  const views = new Map(bare.map((v) => [v.name, { ...v, halo: halos.get(v.name) ?? v.halo }]));
  return { op, sample, yShape, views, ...nestsOf(op, sample.attrs, views) };
}

/** All nests of an op: of forward, and of the rules of its inputs. */
export const nestsIn = ({ forward, backward }: Nests): readonly Nest[] => [
  ...forward,
  ...[...backward.values()].flat(),
];

/** The axis of the samples. */
export const SAMPLES = "n";

/** The inputs of an op whose first axis is that of the samples: nests read them, or write their gradients, at n. */
export function sampleInputs(program: OpProgram): readonly string[] {
  const accesses = nestsIn(program).map(accessesOfNest);
  const refs = accesses.flatMap(({ stores, loads }) => [...stores, ...loads]);
  const names = new Set(refs.filter(({ index }) => SAMPLES in (index[0]?.scale ?? {})).map(({ view }) => view.name));
  return program.op.inputs.filter((name) => names.has(name) || names.has(gradientOf(name)));
}

/** The same program over one sample of the batch, as the compiler has it in a tile: nothing else of it tells the batch size. */
export function oneSampleOf(program: OpProgram, first: number): OpProgram {
  const { op, sample, yShape } = program;
  const { shapes, attrs } = sample;
  const inputs = sampleInputs(program);
  const ofSamples = new Set([
    ...[...inputs, ...inputs.map(gradientOf), ...(op.output === "batch" ? [] : ["y", "dy"])],
    ...Object.keys({ ...op.saves?.(shapes, attrs), ...op.scratch?.(shapes, attrs) }),
  ]);
  const one = (shape: Shape): Shape => [1, ...shape.slice(1)];
  const views = new Map(
    [...program.views].map(([name, view]) => [name, ofSamples.has(name) ? { ...view, shape: one(view.shape) } : view]),
  );
  return {
    ...program,
    yShape: ofSamples.has("y") ? one(yShape) : yShape,
    views,
    ...nestsOf(op, attrs, views, first),
  };
}
