import { beforeAll, describe, expect, it } from "vitest";
import { enableRelaxedSimd } from "../../src/backends/node/enableRelaxedSimd.ts";
import { fuseNests } from "../../src/compiler/fuseNests.ts";
import { planProgram } from "../../src/compiler/program.ts";
import { trainingProgram } from "../../src/engine/programs.ts";
import { add, elementwise, load, mul, one } from "../../src/ir/build.ts";
import { wasm128 } from "../../src/ir/machine.ts";
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

  it("do not overwrite what the first nest still reads", () => {
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
});
