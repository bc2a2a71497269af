import { operands } from "../ir/traverse.ts";
import type { BinaryFn, Value } from "../ir/types.ts";
import type { Tensor } from "../ops/graph.ts";
import { sizeOf } from "../tensor/shape.ts";
import { type AnalyzedNode, levelsOf, unboundNests } from "./analyze.ts";
import { asElementwise } from "./fusePair.ts";

/** Operations that take a fraction of what an element takes on its way to memory and back. */
const CHEAP: ReadonlySet<BinaryFn> = new Set(["add", "sub", "mul", "max", "min"]);
const MOST_OPERATIONS = 16;

function operationsOf(v: Value): number {
  const isCheap = v.kind === "binary" ? CHEAP.has(v.fn) : v.kind !== "unary" && v.kind !== "index";
  return isCheap ? operands(v).reduce((sum, x) => sum + operationsOf(x), 1) : Number.POSITIVE_INFINITY;
}

/** Whether a node only maps elements at their own places, with little work for each. */
function isCheapMap({ node, kind }: AnalyzedNode): boolean {
  const [nest, ...more] = unboundNests(node);
  const map = kind === "samples" && node.writes.length === 1 && more.length === 0 && nest && asElementwise(nest);
  return Boolean(map && operationsOf(map.value) <= MOST_OPERATIONS);
}

/** What is known of the values of a program: where they come from, and which segments read them. */
class Values {
  readonly #levels: ReadonlyMap<string, number>;
  readonly #cheap = new Map<string, AnalyzedNode>();
  readonly #readers = new Map<string, AnalyzedNode[]>();
  readonly #again = new Set<string>();

  constructor(nodes: readonly AnalyzedNode[], levels: ReadonlyMap<string, number>, outputs: readonly Tensor[]) {
    this.#levels = levels;
    for (const n of nodes) {
      for (const t of n.reads) this.#readers.set(t.name, [...(this.#readers.get(t.name) ?? []), n]);
      if (isCheapMap(n)) this.#cheap.set(n.node.writes[0]!.name, n);
    }
    const kept = new Set(outputs.map((t) => t.name));
    // Nodes come in the order of execution, so that what a value is made of is decided before it.
    for (const [name, { node }] of this.#cheap)
      if (!kept.has(name) && this.#isCheaperAgain(node.writes[0]!)) this.#again.add(name);
  }

  /** Whether a value is computed again wherever a later segment needs it. */
  isAgain = (t: Tensor): boolean => this.#again.has(t.name);

  #crosses({ name }: Tensor): boolean {
    const isElsewhere = ({ kind, level }: AnalyzedNode) => kind === "deferred" || level !== this.#levels.get(name);
    return !this.#levels.has(name) || (this.#readers.get(name) ?? []).some(isElsewhere);
  }

  /** The nodes that compute a value from what is kept in any case, in their order; undefined where that is not possible. */
  pathTo(t: Tensor): readonly AnalyzedNode[] | undefined {
    const last = this.#cheap.get(t.name);
    if (!last) return undefined;
    const path: AnalyzedNode[] = [];
    for (const input of last.reads) {
      if (input.of === "batch" || this.#isKept(input)) continue;
      const before = this.pathTo(input);
      if (!before) return undefined;
      path.push(...before);
    }
    return [...new Set([...path, last])];
  }

  #isKept = (t: Tensor): boolean => this.#crosses(t) && !this.isAgain(t);

  /** Whether each later segment that reads a value reads most of what the value is made of in any case. */
  #isCheaperAgain(t: Tensor): boolean {
    const path = this.pathTo(t);
    const later = (this.#readers.get(t.name) ?? []).filter(({ level }) => level !== this.#levels.get(t.name));
    if (!path || later.length === 0 || later.some(({ kind }) => kind === "deferred")) return false;
    const sources = new Set(path.flatMap((n) => n.reads).filter((x) => x.of === "samples" && this.#isKept(x)));
    return later.every(({ level }) => {
      const isReadThere = (x: Tensor) => this.#readers.get(x.name)?.some((n) => n.level === level);
      const more = [...sources].filter((x) => !isReadThere(x));
      return more.reduce((sum, x) => sum + sizeOf(x.shape), 0) <= sizeOf(t.shape);
    });
  }
}

const again = (name: string, level: number) => `${name}.again${level}`;

/** The node, of a segment in which some values have other names. */
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

/**
 * Computes values again in the later segments that read them, where that is cheaper than to keep them for the whole
 * batch: a normalisation and a ReLU, of a convolution's output that the same segment reads in any case.
 *
 * Source: rematerialization, as in T. Chen et al., Training deep nets with sublinear memory cost, 2016; here only where
 * it also saves time.
 */
export function recompute(nodes: readonly AnalyzedNode[], outputs: readonly Tensor[]): readonly AnalyzedNode[] {
  const levels = levelsOf(nodes);
  const values = new Values(nodes, levels, outputs);
  const found = new Map<number, Map<string, Tensor>>();
  return nodes.flatMap((n) => {
    const { level, kind, reads } = n;
    if (kind !== "samples" && kind !== "partial") return [n];
    const copies = found.get(level) ?? new Map<string, Tensor>();
    found.set(level, copies);
    const rename = (t: Tensor) => copies.get(t.name) ?? t;
    const needed = reads.filter((t) => values.isAgain(t) && levels.get(t.name) !== level);
    const path = new Set(needed.flatMap((t) => values.pathTo(t)!).filter((p) => !copies.has(p.node.writes[0]!.name)));
    const before = [...path].map((p) => {
      const [t] = p.node.writes as [Tensor];
      copies.set(t.name, { ...t, name: again(t.name, level) });
      const copy = renamed(p, rename);
      return { ...copy, node: { ...copy.node, name: again(p.node.name, level) }, level };
    });
    return [...before, renamed(n, rename)];
  });
}
