import { describe, expect, it } from "vitest";
import { dense, flatten } from "../../src/layers/index.ts";
import { network } from "../../src/model/index.ts";
import { sgd } from "../../src/optimizers/index.ts";
import { importances } from "../../src/search/importance.ts";
import { normalMass, truncatedNormal } from "../../src/search/normal.ts";
import { samplers } from "../../src/search/samplers/index.ts";
import { choice, defineRecipe, integer, logUniform, recipes, when } from "../../src/training/index.ts";
import { overridesOf, recipeTraining } from "../../src/training/recipes/recipe.ts";
import { allows, checkParameters, completed, isUsed, parseSpace } from "../../src/training/space/parameter.ts";

const space = parseSpace({
  rate: logUniform(0.001, 1),
  layers: integer(1, 3, { default: 1 }),
  kind: choice("a", "b"),
  width: when({ layers: [2, 3], kind: "b" }, choice(8, 16)),
});
const shape = { images: { input: [6, 6, 1], classes: ["A", "B"] }, trainingImages: 1000 } as const;

describe("a space", () => {
  it("has a value for each parameter whose condition is met", () => {
    expect(completed(space)).toEqual({ rate: Math.sqrt(0.001), layers: 1, kind: "a" });
    expect(completed(space, { layers: 2, kind: "b" })).toEqual({
      rate: Math.sqrt(0.001),
      layers: 2,
      kind: "b",
      width: 8,
    });
  });

  it.each([
    [{ a: { type: "number", low: 2, high: 1, log: false, whole: false, default: 1 } }, "low below high"],
    [{ a: { ...integer(1, 3), high: 3.5 } }, "whole numbers"],
    [{ a: choice(1, 2), b: when({ c: 1 }, choice(1, 2)) }, "refers to c, expected a parameter before it"],
    [{ a: choice(1, 2), b: when({ a: 3 }, choice(1, 2)) }, "not met by any value of a: 3"],
    [{ a: { type: "choice", values: [1, 1] } }, "one or more different values"],
    [{ a: 3 }, "a parameter"],
  ])("is checked: %j", (wrong, problem) => expect(() => parseSpace(wrong)).toThrow(problem));

  it("refuses values that it does not have", () => {
    expect(() => checkParameters(space, { laers: 2 })).toThrow("no parameter laers (did you mean layers?)");
    expect(() => checkParameters(space, { layers: 7 })).toThrow("layers is 7, expected 1..3 (whole)");
    expect(() => checkParameters(space, { width: 8 })).toThrow("width is not used");
  });

  it.each(samplers.map((sampler) => [sampler.name, sampler] as const))("%s proposes values of it", (_, sampler) => {
    const history = Array.from({ length: 40 }, (_, trial) => {
      const parameters = samplers[2]!.ask({ space, seed: 1, trial, history: [], pending: [] });
      return { trial, parameters, loss: parameters["kind"] === "b" ? 0 : 1 + Number(parameters["rate"]), resource: 1 };
    });
    for (const some of [[], history])
      for (let trial = 20; trial < 40; trial++) {
        const asked = { space, seed: 3, trial, history: some, pending: history.slice(0, 3).map((h) => h.parameters) };
        const values = sampler.ask(asked);
        expect(sampler.ask(asked)).toEqual(values);
        for (const [name, parameter] of Object.entries(space))
          if (isUsed(parameter, values)) expect(allows(parameter, values[name]!)).toBe(true);
          else expect(values).not.toHaveProperty(name);
      }
  });
});

describe("a recipe with a space", () => {
  const own = defineRecipe({
    name: "own",
    description: "",
    space: { learningRate: logUniform(0.01, 1, { default: 0.3 }), width: choice(4, 8), depth: integer(0, 2) },
    network: (images, _, { width, depth }) => {
      const typed: 4 | 8 = width;
      const hidden = Array.from({ length: depth }, () => dense(typed));
      return network(images, [flatten(), ...hidden, dense(images.classes.length)]);
    },
    batchSize: 10,
    length: { epochs: 1 },
    optimizer: (_steps, _rate, { learningRate }) => sgd(learningRate),
  });

  it("has its defaults, or the values that it is given", () => {
    const usual = recipeTraining(own, shape);
    expect(usual.optimizer).toEqual(sgd(0.3));
    expect(usual.model.layers).toHaveLength(3);
    const drawn = recipeTraining(own, shape, overridesOf({ learningRate: 0.02, width: 8, depth: 2, batchSize: 20 }));
    expect(drawn).toMatchObject({ optimizer: sgd(0.02), batchSize: 20, steps: 50 });
    expect(drawn.model.layers.slice(1, 3)).toMatchObject([{ units: 8 }, { units: 8 }]);
    expect(() => recipeTraining(own, shape, { parameters: { width: 5 } })).toThrow("width is 5, expected 4 or 8");
  });

  it.each(recipes.filter((recipe) => recipe.space).map((recipe) => [recipe.name, recipe] as const))(
    "%s can be built with each value of its space, and its defaults are its own values",
    (_, recipe) => {
      const images = { input: [28, 28, 1], classes: ["A", "B"] } as const;
      const of = (values: object) => recipeTraining(recipe, { images, trainingImages: 1000 }, values);
      const checked = parseSpace(recipe.space);
      expect(of(overridesOf(completed(checked)))).toEqual({
        ...of({}),
        ...(of({}).labelSmoothing === undefined && "labelSmoothing" in checked ? { labelSmoothing: 0.1 } : {}),
      });
      for (const [name, parameter] of Object.entries(checked))
        for (const value of parameter.type === "choice" ? parameter.values : [parameter.low, parameter.high])
          expect(of(overridesOf(completed(checked, { [name]: value }))).steps).toBeGreaterThan(0);
    },
  );
});

describe("the numbers behind it", () => {
  it("are those of the normal distribution", () => {
    // Abramowitz and Stegun, table 26.1.
    expect(normalMass(-Infinity, 1)).toBeCloseTo(0.841344746068543, 14);
    expect(normalMass(-1.96, 1.96)).toBeCloseTo(0.950004209703559, 14);
    expect(normalMass(5, 6) / 2.85664984391e-7).toBeCloseTo(1, 8);
    expect(truncatedNormal(0.5, 1, 2, -1, 3)).toBeCloseTo(1, 8);
    expect(normalMass(-1, (truncatedNormal(0.3, 1, 2, -1, 3) - 1) / 2)).toBeCloseTo(0.3 * normalMass(-1, 1), 8);
  });

  it("say which parameter matters", () => {
    const trials = Array.from({ length: 200 }, (_, trial) => {
      const parameters = samplers[2]!.ask({ space, seed: 1, trial, history: [], pending: [] });
      return { parameters, loss: Math.abs(Math.log10(Number(parameters["rate"])) + 2) + (0.05 * trial) / 200 };
    });
    const [first, ...others] = importances(space, trials);
    expect(first!.name).toBe("rate");
    expect(first!.share).toBeGreaterThan(0.7);
    expect(others.reduce((sum, { share }) => sum + share, first!.share)).toBeCloseTo(1);
  });
});
