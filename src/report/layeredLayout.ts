/** A node of a drawing, in its level from the top. */
export interface Placed {
  readonly level: number;
  /** The center. */
  readonly x: number;
}

/** A line from one node to another: where it crosses each level in between, from the top. */
export interface Route {
  readonly from: string;
  readonly to: string;
  readonly via: readonly Placed[];
}

/** A drawing of a graph in levels, in which every line points down and none passes through a node. */
export interface Layout {
  readonly nodes: ReadonlyMap<string, Placed>;
  readonly routes: readonly Route[];
  readonly width: number;
  readonly levels: number;
}

/** An item of a level: a node, or a lane for a line that passes between nodes. */
interface Item {
  readonly width: number;
  readonly weight: number;
  /** The items above that it is connected to. */
  readonly above: readonly Item[];
  x: number;
}

/** The weight of a node in the positions of a level; that of a line is 1. */
const NODE_WEIGHT = 10_000;

/**
 * Places a graph, given as the inputs of each node, in an order in which inputs come first. A node is below all its
 * inputs, in the level after the deepest; a line that skips levels gets a lane of its own in each. Within a level, items
 * have the order of what they are connected to, and are as close to below it as their widths and the gap allow.
 *
 * Source: the layers and dummy nodes of Sugiyama, Tagawa and Toda, "Methods for visual understanding of hierarchical
 * system structures", 1981; positions by isotonic regression.
 */
export function layeredLayout(
  inputs: ReadonlyMap<string, readonly string[]>,
  { node, lane, gap }: { readonly node: number; readonly lane: number; readonly gap: number },
): Layout {
  const levels: Item[][] = [];
  const placed = new Map<string, { readonly item: Item; readonly level: number }>();
  const lanes: {
    readonly from: string;
    readonly to: string;
    readonly items: readonly Item[];
    readonly first: number;
  }[] = [];
  const add = (level: number, item: Item): Item => {
    levels[level] ??= [];
    levels[level].push(item);
    return item;
  };
  for (const [name, reads] of inputs) {
    const level = 1 + Math.max(-1, ...reads.map((read) => placed.get(read)!.level));
    const above = reads.map((read) => {
      const from = placed.get(read)!;
      const items: Item[] = [];
      for (let at = from.level + 1; at < level; at++)
        items.push(add(at, { width: lane, weight: 1, above: [items.at(-1) ?? from.item], x: 0 }));
      lanes.push({ from: read, to: name, items, first: from.level + 1 });
      return items.at(-1) ?? from.item;
    });
    placed.set(name, { item: add(level, { width: node, weight: NODE_WEIGHT, above, x: 0 }), level });
  }
  for (const level of levels) arrange(level, gap);
  const all = levels.flat();
  const left = Math.min(...all.map(({ x, width }) => x - width / 2));
  const right = Math.max(...all.map(({ x, width }) => x + width / 2));
  return {
    nodes: new Map([...placed].map(([name, { item, level }]) => [name, { level, x: item.x - left }])),
    routes: lanes.map(({ from, to, items, first }) => ({
      from,
      to,
      via: items.map((item, i) => ({ level: first + i, x: item.x - left })),
    })),
    width: right - left,
    levels: levels.length,
  };
}

/** Sets the positions of a level's items, those of the level above being known. */
function arrange(level: readonly Item[], gap: number): void {
  const wanted = new Map(level.map((item) => [item, wantedPosition(item)]));
  // Of items connected to the same one, nodes come first, so that lines that skip them pass on the right.
  const order = level.toSorted((a, b) => wanted.get(a)! - wanted.get(b)! || b.weight - a.weight);
  const offsets: number[] = [];
  for (const [i, item] of order.entries()) {
    const before = order[i - 1];
    offsets.push(before ? offsets[i - 1]! + (before.width + item.width) / 2 + gap : 0);
  }
  const free = nonDecreasing(order.map((item, i) => ({ value: wanted.get(item)! - offsets[i]!, weight: item.weight })));
  for (const [i, item] of order.entries()) item.x = free[i]! + offsets[i]!;
}

/** Below the nodes that it is connected to or, if there are only lines, below these. */
function wantedPosition({ above }: Item): number {
  if (above.length === 0) return 0;
  const nodes = above.filter(({ weight }) => weight === NODE_WEIGHT);
  const from = nodes.length > 0 ? nodes : above;
  return from.reduce((sum, { x }) => sum + x, 0) / from.length;
}

/** Isotonic regression: the non-decreasing numbers nearest to the given ones in weighted squares, by pooling violators. */
function nonDecreasing(numbers: readonly { readonly value: number; readonly weight: number }[]): readonly number[] {
  const pools: { value: number; weight: number; count: number }[] = [];
  for (const { value, weight } of numbers) {
    pools.push({ value, weight, count: 1 });
    for (;;) {
      const [before, last] = pools.slice(-2);
      if (!before || !last || before.value <= last.value) break;
      const total = before.weight + last.weight;
      const mean = (before.value * before.weight + last.value * last.weight) / total;
      pools.splice(-2, 2, { value: mean, weight: total, count: before.count + last.count });
    }
  }
  return pools.flatMap(({ value, count }) => new Array<number>(count).fill(value));
}
