import { InklingError } from "../base/error.ts";
import { add, constant, elementwise, load } from "../ir/build.ts";
import { at } from "../ir/view.ts";
import { type Application, type Node, sampleTensors, shapesOf, type Tensor, viewsOf } from "../ops/graph.ts";

/** The nodes of the backward pass, and the gradient of each requested tensor. */
export interface Gradients {
  readonly nodes: readonly Node[];
  readonly of: ReadonlyMap<Tensor, Tensor>;
}

/**
 * Reverse-mode differentiation of the sum of `loss` with respect to `parameters`.
 *
 * Walks the graph backward. A tensor that is used several times gets the sum of its gradients, in the order
 * in which they arise. Throws `INVALID_MODEL` if the loss does not depend on a parameter.
 */
export function differentiate(graph: readonly Application[], loss: Tensor, parameters: readonly Tensor[]): Gradients {
  const wanted = dependents(graph, parameters);
  const seed: Tensor = { ...loss, name: `d.${loss.name}` };
  const nodes: Node[] = [fillNode(seed, 1)];
  const gradients = new Map<Tensor, Tensor>([[loss, seed]]);

  const contribute = (x: Tensor, dx: Tensor) => {
    const known = gradients.get(x);
    if (!known) return gradients.set(x, dx);
    const sum: Tensor = { ...x, name: `d.${x.name}.${nodes.length}` };
    nodes.push(sumNode(sum, known, dx));
    return gradients.set(x, sum);
  };

  for (const application of graph.toReversed()) {
    const dy = gradients.get(application.output);
    if (!dy) continue;
    for (const [input, x] of Object.entries(application.inputs)) {
      const rule = application.op.backward[input];
      if (!isFollowed(rule) || !wanted.has(x)) continue;
      if (rule === "identity") contribute(x, dy);
      else {
        const dx: Tensor = { ...x, name: `d.${application.name}.${input}` };
        nodes.push(backwardNode(application, input, dy, dx));
        contribute(x, dx);
      }
    }
  }
  for (const parameter of parameters)
    if (!gradients.has(parameter))
      throw new InklingError(
        "INVALID_MODEL",
        `the loss does not depend on ${parameter.name}; remove its layer or connect it to the output`,
      );
  return { nodes, of: new Map(parameters.map((p) => [p, gradients.get(p)!])) };
}

/** Whether gradients are propagated through an input. */
const isFollowed = <R>(rule: R | null | undefined | "constant"): rule is R => !!rule && rule !== "constant";

/** The tensors through which the loss can depend on a parameter. */
function dependents(graph: readonly Application[], parameters: readonly Tensor[]): ReadonlySet<Tensor> {
  const found = new Set(parameters);
  for (const { inputs, output, op } of graph)
    if (Object.entries(inputs).some(([name, t]) => found.has(t) && isFollowed(op.backward[name]))) found.add(output);
  return found;
}

function backwardNode(
  { name, op, attrs, inputs, saves, output }: Application,
  input: string,
  dy: Tensor,
  dx: Tensor,
): Node {
  const scratch = sampleTensors(`${dx.name}.scratch`, op.scratch?.(shapesOf(inputs), attrs) ?? {});
  const rule = op.backward[input];
  if (typeof rule !== "function") throw new Error(`${name}: no gradient rule for ${input}`);
  return {
    name: dx.name,
    writes: [dx],
    scratch: Object.values(scratch),
    nests: (view) =>
      rule(viewsOf({ ...inputs, ...saves, ...scratch }, view) as never, view(output), view(dy), view(dx), attrs),
  };
}

const fillNode = (t: Tensor, value: number): Node => ({
  name: t.name,
  writes: [t],
  scratch: [],
  nests: (view) => [elementwise(view(t), () => constant(value))],
});

const sumNode = (sum: Tensor, a: Tensor, b: Tensor): Node => ({
  name: sum.name,
  writes: [sum],
  scratch: [],
  nests: (view) => [elementwise(view(sum), (i) => add(load(at(view(a), ...i)), load(at(view(b), ...i))))],
});
