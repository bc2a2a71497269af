import type { Shape } from "../base/shape.ts";
import type { Nest } from "../ir/contraction.ts";
import type { ElementType, View } from "../ir/types.ts";
import type { Op, Runtime } from "./op.ts";

/**
 * A value of the graph. Values of `samples` have the samples of a batch as their first axis. Values of the
 * `batch` have no such axis: parameters, their gradients, means over the batch.
 */
export interface Tensor {
  readonly name: string;
  readonly shape: Shape;
  readonly type: ElementType;
  readonly of: "samples" | "batch";
}

/** A step of the graph. What it writes is declared; what it reads follows from its nests. */
export interface Node {
  readonly name: string;
  readonly writes: readonly Tensor[];
  /** Temporary space, used only while the node runs. */
  readonly scratch: readonly Tensor[];
  /** The node's nests over the views that hold its tensors, for a tile of samples or for all of them. */
  readonly nests: (view: (t: Tensor) => View, runtime: Runtime) => readonly Nest[];
}

/** An op applied to tensors: what differentiation needs to know of a node. */
export interface Application extends Node {
  readonly op: Op;
  readonly attrs: unknown;
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly output: Tensor;
  readonly saves: Readonly<Record<string, Tensor>>;
}

type Tensors = Readonly<Record<string, Tensor>>;
const mapTensors = <T>(tensors: Tensors, f: (t: Tensor) => T): Record<string, T> =>
  Object.fromEntries(Object.entries(tensors).map(([name, t]) => [name, f(t)]));
/** The shapes of named tensors. */
export const shapesOf = (tensors: Tensors): Record<string, Shape> => mapTensors(tensors, (t) => t.shape);
/** The views of named tensors. */
export const viewsOf = (tensors: Tensors, view: (t: Tensor) => View): Record<string, View> => mapTensors(tensors, view);

/** Tensors of samples from named shapes: what an op saves, or uses as scratch. */
export const sampleTensors = (prefix: string, shapes: Readonly<Record<string, Shape>>): Record<string, Tensor> =>
  Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [
      name,
      { name: `${prefix}.${name}`, shape, type: "f32", of: "samples" },
    ]),
  );

/** Any acyclic graph of ops applied to tensors, in an order in which each tensor is written before it is read. */
export class Graph {
  readonly applications: Application[] = [];

  /** Adds a node, after which its output is named. Throws `INVALID_SHAPE` if the input shapes do not match. */
  apply<I extends string, A, S extends string, T extends string>(
    name: string,
    definition: Op<I, A, S, T>,
    inputs: Readonly<Record<I, Tensor>>,
    attrs: A,
  ): Tensor {
    const op = definition as unknown as Op;
    const shapes = shapesOf(inputs);
    const output: Tensor = {
      name,
      shape: op.infer(shapes, attrs),
      type: op.outputType ?? "f32",
      of: op.output === "batch" ? "batch" : "samples",
    };
    const saves = sampleTensors(name, op.saves?.(shapes, attrs) ?? {});
    const scratch = sampleTensors(`${name}.scratch`, op.scratch?.(shapes, attrs) ?? {});
    this.applications.push({
      name,
      op,
      attrs,
      inputs,
      output,
      saves,
      writes: [output, ...Object.values(saves)],
      scratch: Object.values(scratch),
      nests: (view, runtime) =>
        op.forward(viewsOf({ ...inputs, ...saves, ...scratch }, view) as never, view(output), attrs, runtime),
    });
    return output;
  }
}
