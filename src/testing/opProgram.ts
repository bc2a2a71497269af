import type { Shape } from "../base/shape.ts";
import { halosOf } from "../compiler/halo.ts";
import { indexValue, load } from "../ir/build.ts";
import type { Nest } from "../ir/contraction.ts";
import type { View } from "../ir/types.ts";
import { at, memory } from "../ir/view.ts";
import type { Op, Sample } from "../ops/op.ts";

/** What random ops draw from while a sample is tested. */
export const runtimeNumbers = { seed: 0x9abcdef1, step: 7 };

/** The nests of one op for one sample, over views that have their halos. */
export interface OpProgram {
  readonly op: Op;
  readonly sample: Sample<string, unknown>;
  readonly yShape: Shape;
  readonly views: ReadonlyMap<string, View>;
  readonly forward: readonly Nest[];
  /** The rules of inputs that have one, by input. */
  readonly backward: ReadonlyMap<string, readonly Nest[]>;
}

export const gradientOf = (input: string): string => `d_${input}`;

/** Every buffer of a program, by name, without halos. */
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

function nestsOf(op: Op, attrs: unknown, views: ReadonlyMap<string, View>): Pick<OpProgram, "forward" | "backward"> {
  const view = (name: string) => views.get(name)!;
  const named = Object.fromEntries(views);
  const number = (name: string) => load(at(view(name), 0));
  const runtime = { seed: number("seed"), step: number("step"), sample: indexValue };
  const rules = op.inputs.flatMap((k) => {
    const rule = op.backward[k]!;
    return typeof rule === "function" ? [[k, rule] as const] : [];
  });
  return {
    forward: op.forward(named, view("y"), attrs, runtime),
    backward: new Map(rules.map(([k, rule]) => [k, rule(named, view("y"), view("dy"), view(gradientOf(k)), attrs)])),
  };
}

/** The program of an op for one of its samples. Throws what `infer` throws. */
export function programOf(op: Op, sample: Sample<string, unknown>): OpProgram {
  const yShape = op.infer(sample.shapes, sample.attrs);
  const bare = bareViews(op, sample, yShape);
  const { forward, backward } = nestsOf(op, sample.attrs, new Map(bare.map((v) => [v.name, v])));
  const halos = halosOf([...forward, ...[...backward.values()].flat()]);
  const views = new Map(bare.map((v) => [v.name, { ...v, halo: halos.get(v.name) ?? v.halo }]));
  return { op, sample, yShape, views, ...nestsOf(op, sample.attrs, views) };
}
