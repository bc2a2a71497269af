import { describe, expect, it } from "vitest";
import { sgd } from "../../src/optimizers/index.ts";
import { parseOptimizer } from "../../src/optimizers/registry.ts";
import { checkWeightDecayMask, isDecayed } from "../../src/optimizers/weightDecayMask.ts";

const parameters = [
  { name: "conv2d_1.kernel", shape: [3, 3, 1, 4] },
  { name: "batchNormalization_1.gamma", shape: [4] },
  { name: "dense_1.kernel", shape: [4, 2] },
  { name: "dense_1.bias", shape: [2] },
];
const decaying = (mask: Parameters<typeof isDecayed>[0]) =>
  parameters.filter((parameter) => isDecayed(mask, parameter)).map(({ name }) => name);

describe("weight decay", () => {
  it("applies to kernels, to all parameters, or to named ones: a parameter, a layer, a kind", () => {
    expect(decaying("kernels")).toEqual(["conv2d_1.kernel", "dense_1.kernel"]);
    expect(decaying("all")).toHaveLength(4);
    expect(decaying(["gamma", "dense_1"])).toEqual(parameters.slice(1).map(({ name }) => name));
    expect(decaying(["dense_1.bias"])).toEqual(["dense_1.bias"]);
    expect(decaying([])).toEqual([]);
  });

  it("is part of an optimizer, and defaults to kernels", () => {
    expect(sgd(0.1).weightDecayMask).toBe("kernels");
    const { weightDecayMask: _, ...before } = sgd(0.1);
    expect(parseOptimizer(before as ReturnType<typeof sgd>)).toEqual(sgd(0.1));
    expect(sgd(0.1, { weightDecayMask: ["kernel"] }).weightDecayMask).toEqual(["kernel"]);
    expect(() => sgd(0.1, { weightDecayMask: "bias" as "all" })).toThrow(
      'sgd: weightDecayMask is "bias", expected "kernels", "all", or a list of names',
    );
  });

  it("is read from files of earlier versions, which call it decayed", () => {
    const { weightDecayMask: decayed, ...rest } = sgd(0.1, { weightDecayMask: ["kernel"] });
    const written = { ...rest, decayed } as unknown as ReturnType<typeof sgd>;
    expect(parseOptimizer(written)).toEqual(sgd(0.1, { weightDecayMask: ["kernel"] }));
    const wrong = { ...written, decayed: 1 } as unknown as typeof written;
    expect(() => parseOptimizer(wrong)).toThrow(
      'sgd: weightDecayMask is 1, expected "kernels", "all", or a list of names',
    );
  });

  it("rejects a name that matches nothing", () => {
    expect(() => checkWeightDecayMask(["kernel", "gama"], parameters)).toThrow(
      "weightDecayMask: there is no parameter gama; the parameters are conv2d_1.kernel, batchNormalization_1.gamma, dense_1.kernel, dense_1.bias",
    );
    expect(() => checkWeightDecayMask(["kernel"], parameters)).not.toThrow();
  });
});
