import { indexValue, integer } from "../ir/build.ts";
import { accessesOfNest, type Nest, reducedAxes } from "../ir/contraction.ts";
import { memory } from "../ir/view.ts";
import type { Node, Tensor } from "../ops/graph.ts";
import type { Runtime } from "../ops/op.ts";

/**
 * samples:  maps samples to samples, a tile at a time.
 * partial:  sums over samples; each group has its own sum, and the barrier combines them.
 * deferred: sums one term per sample, so it runs at the barrier, over the whole batch at once.
 * batch:    reads and writes values of the batch only.
 */
type NodeKind = "samples" | "partial" | "deferred" | "batch";

/** A node, with what it reads and where it can run. */
export interface AnalyzedNode {
  readonly node: Node;
  readonly kind: NodeKind;
  readonly reads: readonly Tensor[];
  /** The segment in which a `samples` or `partial` node runs; for the others, the segment whose preceding barrier runs it. */
  readonly level: number;
}

const unbound: Runtime = { seed: integer(0), step: integer(0), sample: indexValue };

const nestsOf = new WeakMap<Node, readonly Nest[]>();

/** The nests of a node over whole tensors, independent of any program. Cached, since several stages need them. */
export function unboundNests(node: Node): readonly Nest[] {
  const nests = nestsOf.get(node) ?? node.nests((t) => memory(t.name, t.shape, t.type), unbound);
  nestsOf.set(node, nests);
  return nests;
}

/** Determines what each node reads and where it can run. `order` is the order of execution. */
export function analyze(order: readonly Node[], tensors: ReadonlyMap<string, Tensor>): readonly AnalyzedNode[] {
  const levels = new Map<string, number>();
  return order.map((node): AnalyzedNode => {
    const nests = unboundNests(node);
    const reads = readsOf(node, nests, tensors);
    const kind = kindOf(node, nests, reads);
    const ready = Math.max(0, ...reads.map((t) => levels.get(t.name) ?? 0));
    const analyzed = { node, kind, reads, level: kind === "deferred" ? ready + 1 : ready };
    for (const t of node.writes) levels.set(t.name, levelAfter(analyzed));
    return analyzed;
  });
}

/** The level from which on a node's result can be read: values of samples from this segment on, values of the batch after this barrier. */
const levelAfter = ({ kind, level }: AnalyzedNode): number => (kind === "partial" ? level + 1 : level);

/** The level from which on each tensor written by a node can be read. */
export const levelsOf = (nodes: readonly AnalyzedNode[]): ReadonlyMap<string, number> =>
  new Map(nodes.flatMap((n) => n.node.writes.map((t) => [t.name, levelAfter(n)] as const)));

function readsOf(node: Node, nests: readonly Nest[], tensors: ReadonlyMap<string, Tensor>): readonly Tensor[] {
  const own = new Set([...node.writes, ...node.scratch].map((t) => t.name));
  const names = new Set(nests.flatMap((nest) => accessesOfNest(nest).loads).map((ref) => ref.view.name));
  return [...names].filter((name) => tensors.has(name) && !own.has(name)).map((name) => tensors.get(name)!);
}

function kindOf(node: Node, nests: readonly Nest[], reads: readonly Tensor[]): NodeKind {
  if (node.writes.some((t) => t.of === "samples")) return "samples";
  if (reads.every((t) => t.of === "batch")) return "batch";
  const contractions = nests.map((nest) => {
    if (nest.kind === "contraction") return nest;
    throw new Error(`${node.name}: only a contraction may sum over samples`);
  });
  const termsPerSample = (c: (typeof contractions)[number]) =>
    c.axes.reduce(
      (n, axis) => (axis.name !== "n" && !c.out.index.some((i) => axis.name in i.scale) ? n * axis.extent : n),
      1,
    );
  if (contractions.every((c) => termsPerSample(c) === 1)) return "deferred";
  const isSumAlone = (c: (typeof contractions)[number]) => !c.finish && c.init.kind === "const" && c.init.value === 0;
  const sumsSamplesLast = (c: (typeof contractions)[number]) => reducedAxes(c)[0]?.name === "n";
  if (!contractions.every(sumsSamplesLast))
    throw new Error(`${node.name}: the samples must be the outermost axis of its sum`);
  if (contractions.every(isSumAlone)) return "partial";
  throw new Error(
    `${node.name}: a sum of several terms per sample has an init or a finish; move that to a separate node`,
  );
}
