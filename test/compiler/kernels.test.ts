import { describe, expect, it } from "vitest";
import { compile } from "../../src/compiler/compile.ts";
import { evaluationProgram, trainingProgram } from "../../src/engine/programs.ts";
import { wasm128 } from "../../src/ir/machine.ts";
import { printKernel } from "../../src/ir/print.ts";
import { recipe, recipeTraining } from "../../src/training/recipes/index.ts";

const classes = [..."ABCDEFGHIJ"];
const shape = { images: { input: [28, 28, 1], classes }, trainingImages: 10_000 } as const;
const { model, optimizer } = recipeTraining(recipe("lenet"), shape, { keepProbability: 0.5 });
const training = trainingProgram(model, { batchSize: 16, optimizer, steps: 64 });
const evaluation = evaluationProgram(model, { batchSize: 128 });

// The code generated for LeNet, kept so that changes of the compiler show up as diffs.
// `npx vitest run test/compiler/kernels.test.ts -u` updates the files.
describe("the kernels of LeNet", () => {
  const { kernels } = compile([training.spec, evaluation.spec], wasm128);

  it.each(kernels.map((kernel) => [kernel.name, kernel] as const))("%s", async (name, kernel) => {
    const file = name.replaceAll(/[^\w.]+/g, "_");
    await expect(printKernel(kernel)).toMatchFileSnapshot(`../golden/kernels/${file}.txt`);
  });
});
