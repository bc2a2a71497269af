import { beforeAll, describe, expect, it } from "vitest";
import { interpret } from "../../src/backends/interpret/interpret.ts";
import { float32 } from "../../src/backends/interpret/rounding.ts";
import { enableRelaxedSimd } from "../../src/backends/node/enableRelaxedSimd.ts";
import { fuseNests } from "../../src/compiler/fuseNests.ts";
import { planProgram } from "../../src/compiler/program.ts";
import { trainingProgram } from "../../src/engine/programs.ts";
import { plus, times } from "../../src/ir/affine.ts";
import { add, block, define, elementwise, load, loops, mul, one, store } from "../../src/ir/build.ts";
import { wasm128 } from "../../src/ir/machine.ts";
import type { Stmt } from "../../src/ir/types.ts";
import { verify } from "../../src/ir/verify.ts";
import { at, memory } from "../../src/ir/view.ts";
import { dense, flatten, gelu, type LayerConfig, sigmoid, silu, softmax, tanh } from "../../src/layers/index.ts";
import { network } from "../../src/model/index.ts";
import { sgd } from "../../src/optimizers/index.ts";
import { train } from "../../src/training/index.ts";
import { bars } from "../training/data.ts";

const activations: Readonly<Record<string, () => LayerConfig>> = { tanh, sigmoid, gelu, silu, softmax };
const pairs = Object.keys(activations).flatMap((a) => Object.keys(activations).map((b) => [a, b] as const));
const networkOf = (a: string, b: string) =>
  network({ input: [3, 3, 1], classes: ["A", "B", "C"] }, [
    flatten(),
    dense(6),
    activations[a]!(),
    activations[b]!(),
    dense(3),
  ]);

const noScratch = { scratch: new Set<string>() };

describe("fused nests", () => {
  beforeAll(() => enableRelaxedSimd());

  it.each(pairs)("are valid where %s is followed by %s", (a, b) => {
    const { spec } = trainingProgram(networkOf(a, b), { batchSize: 5, optimizer: sgd(0.5), steps: 2 });
    for (const { work } of planProgram(spec, wasm128).phases) for (const { kernel } of work) verify(kernel);
  });

  it.each([
    ["tanh", "tanh"],
    ["sigmoid", "tanh"],
  ])("give the interpreter's bits where both bind names: %s, %s", async (a, b) => {
    const data = bars(20, { classes: 3, size: 3 });
    const hashes = ["wasm", "interpret"].map(async (backend) => {
      const run = train(networkOf(a, b), data, { batchSize: 5, steps: 3, seed: 3, backend, optimizer: sgd(0.5) });
      return (await run.result()).weightsSha256;
    });
    expect(await hashes[0]).toBe(await hashes[1]);
  });

  it("do not overwrite values that the first nest still reads", () => {
    const [p, t] = [memory("p", [4]), memory("t", [4])];
    const first = elementwise(t, (i) => mul(load(at(p, ...i)), load(at(p, ...i))));
    const inPlace = elementwise(p, (i) => add(load(at(t, ...i)), one));
    const elsewhere = elementwise(memory("q", [4]), (i) => add(load(at(t, ...i)), one));
    const count = (second: typeof first) =>
      fuseNests(
        [
          { nest: first, ...noScratch },
          { nest: second, ...noScratch },
        ],
        () => true,
      ).length;
    expect(count(elsewhere)).toBe(1);
    expect(count(inPlace)).toBe(2);
  });

  describe("of several stores", () => {
    const [x, t, y] = [memory("x", [4]), memory("t", [8]), memory("y", [8])];
    const twice = (count: number): Stmt =>
      loops({ n: count }, ({ n }) =>
        define("v", load(at(x, n)), (v) =>
          block(store(at(t, times(n, 2)), v), store(at(t, plus(times(n, 2), 1)), mul(v, v))),
        ),
      );
    const next = elementwise(y, (i) => add(load(at(t, ...i)), load(at(y, ...i))));
    const fused = (...nests: readonly Stmt[]) =>
      fuseNests(
        nests.map((nest) => ({ nest })),
        (view) => view.name === "t",
      );
    const outcome = (nests: readonly Stmt[]) => {
      const buffers = new Map([
        ["x", Float32Array.of(1, 2, 3, 4)],
        ["t", new Float32Array(8)],
        ["y", Float32Array.of(8, 7, 6, 5, 4, 3, 2, 1)],
        ["z", Float32Array.of(3, 1, 4, 1, 5, 9, 2, 6)],
        ["scratch", new Float32Array(8)],
      ]);
      for (const s of nests) interpret(s, buffers, {}, float32);
      return [...buffers.get("y")!, ...buffers.get("z")!];
    };

    it("fuse each of them with the next nest", () => {
      const joined = fused(twice(4), next).map((item) => item.nest as Stmt);
      expect(joined).toHaveLength(1);
      expect(outcome(joined)).toEqual(outcome([twice(4), next]));
    });

    it("do not pass on scratch space of the first nest", () => {
      const scratch = memory("scratch", [1]);
      const through = loops({ n: 8 }, ({ n }) =>
        block(store(at(scratch, 0), load(at(memory("z", [8]), n))), store(at(t, n), mul(load(at(scratch, 0)), one))),
      );
      const joined = fused(through, next).map((item) => item.nest as Stmt);
      expect(joined).toHaveLength(1);
      expect(outcome(joined)).toEqual(outcome([through, next]));
      expect(fused(block(through, through), next)).toHaveLength(2);
    });

    it("are not fused if the next nest reads or stores to another view that the first one stores to", () => {
      const [s, z] = [memory("scratch", [8]), memory("z", [8])];
      const both = loops({ n: 8 }, ({ n }) => block(store(at(t, n), one), store(at(s, n), load(at(z, n)))));
      const sum = elementwise(y, (i) => add(load(at(t, ...i)), load(at(s, ...i))));
      const over = elementwise(s, (i) => load(at(t, ...i)));
      expect(fused(both, sum)).toHaveLength(2);
      expect(fused(both, over)).toHaveLength(2);
    });

    it("are not fused if only part of the view is stored", () => {
      expect(fused(twice(3), next)).toHaveLength(2);
    });

    it("move past unrelated nests only", () => {
      const z = memory("z", [8]);
      const apart = elementwise(z, () => one);
      const joined = fused(twice(4), apart, next).map((item) => item.nest as Stmt);
      expect(joined).toHaveLength(2);
      expect(outcome(joined)).toEqual(outcome([twice(4), apart, next]));
      const overwrites = elementwise(x, () => one);
      expect(fused(twice(4), overwrites, next)).toHaveLength(3);
    });
  });
});
