import { describe, expect, it } from "vitest";
import { compile } from "../../src/compiler/compile.ts";
import { evaluationProgram, trainingProgram } from "../../src/engine/programs.ts";
import { wasm128 } from "../../src/ir/machine.ts";
import { printKernel } from "../../src/ir/print.ts";
import { recipe } from "../../src/training/recipes/index.ts";

const classes = [..."ABCDEFGHIJ"];
const { network, optimizer } = recipe("lenet");
const seed = network({ input: [28, 28, 1], classes }, { keepProbability: 0.5 });
const training = trainingProgram(seed, { batchSize: 16, optimizer: optimizer(1001), steps: 64 });
const evaluation = evaluationProgram(seed, { batchSize: 128 });

// What is generated for the seed's network, kept to be read as a difference when the compiler changes:
// `npx vitest run test/compiler/kernels.test.ts -u` writes the files anew.
describe("the kernels of the seed's network", () => {
  const { kernels } = compile([training.spec, evaluation.spec], wasm128);

  it.each(kernels.map((kernel) => [kernel.name, kernel] as const))("%s", async (name, kernel) => {
    const file = name.replaceAll(/[^\w.]+/g, "_");
    await expect(printKernel(kernel)).toMatchFileSnapshot(`../golden/kernels/${file}.txt`);
  });
});
