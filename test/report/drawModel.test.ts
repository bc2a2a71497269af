import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { drawModel } from "../../src/report/drawModel.ts";
import { layeredLayout } from "../../src/report/layeredLayout.ts";
import { recipe, recipeTraining } from "../../src/training/recipes/index.ts";

const sizes = { node: 100, lane: 8, gap: 10 };
/** Graphs of up to 20 nodes, each of which reads up to three of those before it. */
const graphs = fc
  .array(fc.array(fc.nat(100), { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 19 })
  .map((reads) => {
    const names = reads.map((some, i) => [`n${i + 1}`, [...new Set(some.map((k) => `n${k % (i + 1)}`))]] as const);
    return new Map<string, readonly string[]>([["n0", []], ...names]);
  });

describe("the layout of a graph", () => {
  it("has every node below its inputs, and every line in lanes between nodes", () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        const { nodes, routes, width, levels } = layeredLayout(graph, sizes);
        const items = [...nodes.values()].map((node) => ({ ...node, wide: sizes.node }));
        for (const { from, to, via } of routes) {
          const [first, last] = [nodes.get(from)!.level, nodes.get(to)!.level];
          expect(via.map(({ level }) => level)).toEqual(
            Array.from({ length: last - first - 1 }, (_, i) => first + 1 + i),
          );
          items.push(...via.map((lane) => ({ ...lane, wide: sizes.lane })));
        }
        for (const a of items) {
          expect(a.level).toBeLessThan(levels);
          expect(a.x - a.wide / 2).toBeGreaterThanOrEqual(-1e-6);
          expect(a.x + a.wide / 2).toBeLessThanOrEqual(width + 1e-6);
          for (const b of items)
            if (a !== b && a.level === b.level)
              expect(Math.abs(a.x - b.x)).toBeGreaterThanOrEqual((a.wide + b.wide) / 2 + sizes.gap - 1e-6);
        }
      }),
      { seed: 3, numRuns: 200 },
    );
  });

  it("keeps a chain straight beside the line that skips it", () => {
    const chain = new Map([
      ["a", []],
      ["b", ["a"]],
      ["c", ["b"]],
      ["d", ["c", "a"]],
    ] as [string, string[]][]);
    const { nodes, routes } = layeredLayout(chain, sizes);
    for (const name of ["b", "c", "d"]) expect(nodes.get(name)!.x).toBeCloseTo(nodes.get("a")!.x, 1);
    const skip = routes.find(({ via }) => via.length > 0)!;
    expect(skip.via.map(({ x }) => x - nodes.get("a")!.x)).toEqual([expect.closeTo(64, 1), expect.closeTo(64, 1)]);
  });
});

it("a drawing has a box for each layer with its type, an arrow for each input, and colors for dark pages", () => {
  const shape = { images: { input: [28, 28, 1], classes: ["A", "B"] }, trainingImages: 100 } as const;
  const { model } = recipeTraining(recipe("inception"), shape);
  const svg = drawModel(model);
  expect(svg.match(/<rect class="box/g)).toHaveLength(model.layers.length + 1);
  const inputs = model.layers.reduce((sum, { inputs }) => sum + (inputs?.length ?? 1), 0);
  expect(svg.match(/marker-end="url\(#head\)"/g)).toHaveLength(inputs);
  expect(svg).toContain('<text class="type" x="105" y="14">concatenate</text>');
  expect(svg).toContain("prefers-color-scheme:dark");
  expect(svg).not.toContain("NaN");
});
