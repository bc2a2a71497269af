import { sizeOf } from "../base/shape.ts";
import { foldValue } from "../ir/traverse.ts";
import type { BinaryFn, Value } from "../ir/types.ts";
import type { Tensor } from "../ops/graph.ts";
import { type AnalyzedNode, levelsOf, unboundNests } from "./analyze.ts";
import { asElementwise } from "./fusePair.ts";

/** Operations that cost a fraction of storing and loading an element. */
const CHEAP: ReadonlySet<BinaryFn> = new Set(["add", "sub", "mul", "max", "min"]);
/** The largest number of operations, loads and constants in the computation of an element. */
const MOST_OPERATIONS = 24;

const isCheap = (v: Value): boolean =>
  v.kind === "binary" ? CHEAP.has(v.fn) : v.kind !== "unary" && v.kind !== "index";

const operationsOf = (v: Value): number =>
  foldValue<number>(v, (x, inside) => inside.reduce((n, more) => n + more, isCheap(x) ? 1 : Number.POSITIVE_INFINITY));

/** The number of operations per element of an elementwise node with a single output; infinity for other nodes. */
function operationsOfNode({ node, kind }: AnalyzedNode): number {
  const [nest, ...more] = unboundNests(node);
  const map = kind === "samples" && node.writes.length === 1 && more.length === 0 && nest && asElementwise(nest);
  return map ? operationsOf(map.value) : Number.POSITIVE_INFINITY;
}

/** The nodes, in order, that compute a value from kept values, and their operations per element. */
interface Path {
  readonly nodes: readonly AnalyzedNode[];
  readonly operations: number;
}

/** The values of a program: where they come from, and which segments read them. */
class Values {
  readonly #levels: ReadonlyMap<string, number>;
  readonly #readers = new Map<string, AnalyzedNode[]>();
  /** The path to each value that can be recomputed from values that are kept anyway. */
  readonly #paths = new Map<string, Path>();
  readonly #recomputed = new Set<string>();

  constructor(nodes: readonly AnalyzedNode[], levels: ReadonlyMap<string, number>, outputs: readonly Tensor[]) {
    this.#levels = levels;
    for (const n of nodes)
      for (const t of n.reads) this.#readers.set(t.name, [...(this.#readers.get(t.name) ?? []), n]);
    const kept = new Set(outputs.map((t) => t.name));
    // Nodes are in the order of execution, so the inputs of a value are decided before the value.
    for (const n of nodes) {
      const path = this.#pathThrough(n);
      if (!path) continue;
      const [t] = n.node.writes as [Tensor];
      this.#paths.set(t.name, path);
      if (!kept.has(t.name) && this.#isCheaperToRecompute(t, path)) this.#recomputed.add(t.name);
    }
  }

  /** Whether a value is recomputed in later segments that read it. */
  isRecomputed = (t: Tensor): boolean => this.#recomputed.has(t.name);

  pathTo = (t: Tensor): readonly AnalyzedNode[] => this.#paths.get(t.name)!.nodes;

  #pathThrough(n: AnalyzedNode): Path | undefined {
    const nodes = new Set<AnalyzedNode>();
    let operations = operationsOfNode(n);
    for (const input of n.reads) {
      if (input.of === "batch" || this.#isKept(input)) continue;
      const before = this.#paths.get(input.name);
      if (!before) return undefined;
      for (const node of before.nodes) nodes.add(node);
      operations += before.operations;
    }
    return operations <= MOST_OPERATIONS ? { nodes: [...nodes, n], operations } : undefined;
  }

  #isKept = (t: Tensor): boolean => this.#crosses(t) && !this.isRecomputed(t);

  #crosses({ name }: Tensor): boolean {
    const isElsewhere = ({ kind, level }: AnalyzedNode) => kind === "deferred" || level !== this.#levels.get(name);
    return !this.#levels.has(name) || (this.#readers.get(name) ?? []).some(isElsewhere);
  }

  /** Whether recomputing takes no more loads of kept values than reading the value, in each later segment that reads it. */
  #isCheaperToRecompute(t: Tensor, path: Path): boolean {
    const later = (this.#readers.get(t.name) ?? []).filter(({ level }) => level !== this.#levels.get(t.name));
    if (later.length === 0 || later.some(({ kind }) => kind === "deferred")) return false;
    const reads = path.nodes.flatMap((n) => n.reads);
    const sources = new Set(reads.filter((x) => x.of === "samples" && this.#isKept(x)));
    return later.every(({ level }) => {
      const isReadThere = (x: Tensor) => this.#readers.get(x.name)?.some((n) => n.level === level);
      const more = [...sources].filter((x) => !isReadThere(x));
      return more.reduce((sum, x) => sum + sizeOf(x.shape), 0) <= sizeOf(t.shape);
    });
  }
}

const recomputedName = (name: string, level: number) => `${name}.recomputed${level}`;

/** The node with some of its tensors renamed, as they are in its segment. */
function renamed(n: AnalyzedNode, rename: (t: Tensor) => Tensor): AnalyzedNode {
  const { node } = n;
  return {
    ...n,
    reads: n.reads.map(rename),
    node: {
      ...node,
      writes: node.writes.map(rename),
      nests: (view, runtime) => node.nests((t) => view(rename(t)), runtime),
    },
  };
}

/** The nodes without those that write only values of samples that are never read. */
function withoutUnread(nodes: readonly AnalyzedNode[], kept: readonly Tensor[]): readonly AnalyzedNode[] {
  const read = new Set(kept.map((t) => t.name));
  const isRead = ({ kind, node, reads }: AnalyzedNode): boolean => {
    if (kind === "samples" && !node.writes.some((t) => read.has(t.name))) return false;
    for (const t of reads) read.add(t.name);
    return true;
  };
  return nodes.toReversed().filter(isRead).toReversed();
}

/**
 * Recomputes values in later segments that read them, if that is cheaper than keeping them for the whole batch: for
 * example, a normalization and a ReLU after a convolution whose output the same segment reads anyway. `outputs` are
 * always kept, since the host reads them.
 *
 * Source: rematerialization, as in T. Chen et al., "Training deep nets with sublinear memory cost", 2016; here it is used
 * only where it saves time as well.
 */
export function recompute(nodes: readonly AnalyzedNode[], outputs: readonly Tensor[]): readonly AnalyzedNode[] {
  const levels = levelsOf(nodes);
  const values = new Values(nodes, levels, outputs);
  const found = new Map<number, Map<string, Tensor>>();
  const all = nodes.flatMap((n) => {
    const { level, kind, reads } = n;
    if (kind !== "samples" && kind !== "partial") return [n];
    const copies = found.get(level) ?? new Map<string, Tensor>();
    found.set(level, copies);
    const rename = (t: Tensor) => copies.get(t.name) ?? t;
    const needed = reads.filter((t) => values.isRecomputed(t) && levels.get(t.name) !== level);
    const path = new Set(needed.flatMap(values.pathTo).filter((p) => !copies.has(p.node.writes[0]!.name)));
    const before = [...path].map((p) => {
      const [t] = p.node.writes as [Tensor];
      copies.set(t.name, { ...t, name: recomputedName(t.name, level) });
      const copy = renamed(p, rename);
      return { ...copy, node: { ...copy.node, name: recomputedName(p.node.name, level) }, level };
    });
    return [...before, copies.size > 0 ? renamed(n, rename) : n];
  });
  return withoutUnread(all, outputs);
}
