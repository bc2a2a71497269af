import { describe, expect, it } from "vitest";
import { differentiate } from "../../src/compiler/differentiate.ts";
import { add } from "../../src/ops/add.ts";
import { bias } from "../../src/ops/bias.ts";
import { conv2d } from "../../src/ops/conv2d.ts";
import { dense } from "../../src/ops/dense.ts";
import { dropout } from "../../src/ops/dropout.ts";
import { flatten } from "../../src/ops/flatten.ts";
import { Graph, type Tensor } from "../../src/ops/graph.ts";
import { localResponseNormalization } from "../../src/ops/localResponseNormalization.ts";
import { maxPool2d } from "../../src/ops/maxPool2d.ts";
import { relu } from "../../src/ops/relu.ts";
import { Shadow } from "../../src/testing/shadow.ts";
import {
  channelSum,
  multiply,
  parameter,
  randomBytes,
  randomFloats,
  scale,
  scaleBatch,
  trainingSpec,
} from "./graphs.ts";

type Body = Parameters<typeof trainingSpec>[2];
const same = { strides: [1, 1], padding: "same" } as const;

/** Graphs over images of 4 × 4 × 3. */
const graphs: Readonly<Record<string, Body>> = {
  "a chain with every op of LeNet"(g, x) {
    const [w, b, v, c] = [parameter("w", 3, 3, 3, 5), parameter("b", 5), parameter("v", 20, 4), parameter("c", 4)];
    const y = g.apply("bias", bias, { x: g.apply("conv", conv2d, { x, w }, same), b }, {});
    const dropped = g.apply(
      "drop",
      dropout,
      { x: g.apply("relu", relu, { x: y }, {}) },
      { keepProbability: 0.5, stream: 3 },
    );
    const pooled = g.apply("pool", maxPool2d, { x: dropped }, { poolSize: [2, 2], strides: [2, 2], padding: "same" });
    const normal = g.apply(
      "lrn",
      localResponseNormalization,
      { x: pooled },
      { depthRadius: 2, bias: 1, alpha: 0.3, beta: 0.75 },
    );
    const features = g.apply("flat", flatten, { x: normal }, {});
    return {
      logits: g.apply("out", bias, { x: g.apply("dense", dense, { x: features, w: v }, {}), b: c }, {}),
      parameters: [w, b, v, c],
    };
  },
  "a diamond"(g, x) {
    const [w, u, v, d] = [
      parameter("w", 3, 3, 3, 4),
      parameter("u", 1, 1, 4, 4),
      parameter("v", 3, 3, 4, 4),
      parameter("d", 64, 3),
    ];
    const top = g.apply("top", conv2d, { x, w }, same);
    const left = g.apply("left", conv2d, { x: top, w: u }, same);
    const right = g.apply("right", relu, { x: g.apply("right.conv", conv2d, { x: top, w: v }, same) }, {});
    const joined = g.apply("joined", multiply, { a: left, b: right }, {});
    return {
      logits: g.apply("logits", dense, { x: g.apply("flat", flatten, { x: joined }, {}), w: d }, {}),
      parameters: [w, u, v, d],
    };
  },
  "strides whose phases meet as many taps of the same weights"(g, x) {
    const [w, v, d] = [parameter("w", 3, 3, 3, 4), parameter("v", 4, 4, 4, 4), parameter("d", 16, 3)];
    const y = g.apply("y", conv2d, { x, w }, same);
    const z = g.apply("z", conv2d, { x: y, w: v }, { strides: [2, 2], padding: "same" });
    return {
      logits: g.apply("logits", dense, { x: g.apply("flat", flatten, { x: z }, {}), w: d }, {}),
      parameters: [w, v, d],
    };
  },
  "a value used three times, also twice by one op"(g, x) {
    const [w, d] = [parameter("w", 48, 6), parameter("d", 6, 3)];
    const h = g.apply("h", dense, { x: g.apply("flat", flatten, { x }, {}), w }, {});
    const square = g.apply("square", multiply, { a: h, b: h }, {});
    const sum = g.apply("sum", add, { a: square, b: h }, {});
    return { logits: g.apply("logits", dense, { x: sum, w: d }, {}), parameters: [w, d] };
  },
  "parameters used twice"(g, x) {
    const [w, b, d] = [parameter("w", 3, 3, 3, 3), parameter("b", 3), parameter("d", 48, 3)];
    const layer = (name: string, input: Tensor) =>
      g.apply(`${name}.bias`, bias, { x: g.apply(name, conv2d, { x: input, w }, same), b }, {});
    const twice = layer("second", g.apply("relu", relu, { x: layer("first", x) }, {}));
    const [one, two] = [g.apply("flat", flatten, { x: twice }, {}), g.apply("flat2", flatten, { x }, {})];
    const logits = g.apply(
      "add",
      add,
      {
        a: g.apply("da", dense, { x: one, w: d }, {}),
        b: g.apply("db", dense, { x: two, w: d }, {}),
      },
      {},
    );
    return { logits, parameters: [w, b, d] };
  },
  "identities only, between a parameter and the loss"(g, x) {
    const [w, b] = [parameter("w", 48, 3), parameter("b", 3)];
    const y = g.apply("y", dense, { x: g.apply("flat", flatten, { x }, {}), w }, {});
    const shifted = g.apply("shifted", bias, { x: y, b }, {});
    return { logits: g.apply("twice", add, { a: shifted, b: shifted }, {}), parameters: [w, b] };
  },
  "means of the batch in the middle: over samples, and over samples and places"(g, x) {
    const [w, v, d] = [parameter("w", 3, 3, 3, 4), parameter("v", 64, 5), parameter("d", 5, 3)];
    const y = g.apply("y", conv2d, { x, w }, same);
    const mean4 = g.apply("m4", scaleBatch, { x: g.apply("s4", channelSum, { x: y }, {}) }, { scale: -1 / (6 * 16) });
    const centered = g.apply("centered", relu, { x: g.apply("y-m", bias, { x: y, b: mean4 }, {}) }, {});
    const h = g.apply("h", dense, { x: g.apply("flat", flatten, { x: centered }, {}), w: v }, {});
    const mean2 = g.apply("m2", scaleBatch, { x: g.apply("s2", channelSum, { x: h }, {}) }, { scale: -1 / 6 });
    const z = g.apply("z", bias, { x: h, b: mean2 }, {});
    const bent = g.apply("bent", scale, { x: g.apply("zz", multiply, { a: z, b: h }, {}) }, { scale: 3 });
    return { logits: g.apply("logits", dense, { x: bent, w: d }, {}), parameters: [w, v, d] };
  },
};

function prepare(body: Body, batch: number) {
  const built = trainingSpec(batch, [4, 4, 3], body);
  const execution = new Shadow(built.spec);
  execution.elements(built.images).set(randomBytes(batch * 48));
  execution.elements(built.labels).set(Array.from({ length: batch }, (_, n) => n % 3));
  execution.elements(built.learningRate).set([0]);
  built.parameters.forEach((w, k) => {
    execution.elements(w).set(randomFloats(w.shape, k));
  });
  return { ...built, execution };
}

describe("differentiate", () => {
  // 12 samples are 6 groups of one tile of 2; 22 are 2 groups of 11 tiles of 1; 11 are 3 groups of 2 tiles and 5 of one.
  const cases = Object.entries(graphs).flatMap(([name, body]) =>
    [12, 22, 11].map((batch) => [name, batch, body] as const),
  );
  it.each(cases)("gives the gradient of the loss: %s, batch %i", (_name, batch, body) => {
    const { execution, parameters, gradients, loss } = prepare(body, batch);
    const lossAt = (w: Tensor, direction: Float32Array, by: number) => {
      const values = execution.elements(w);
      const before = values.slice();
      values.forEach((value, i) => {
        values[i] = value + by * direction[i]!;
      });
      execution.run(1, 5, 7);
      values.set(before);
      return execution.elements(loss)[0]!;
    };
    for (const [k, w] of parameters.entries()) {
      const direction = randomFloats(w.shape, 50 + k, 1);
      const step = 1e-5;
      const numeric = (lossAt(w, direction, step) - lossAt(w, direction, -step)) / (2 * step);
      execution.run(1, 5, 7);
      const gradient = execution.elements(gradients.get(w)!);
      const slope = direction.reduce((sum, d, i) => sum + d * gradient[i]!, 0);
      expect(Math.abs(numeric), `${w.name} matters`).toBeGreaterThan(1e-4);
      expect(Math.abs(slope - numeric) / Math.abs(numeric), `${w.name}: ${slope}, expected ${numeric}`).toBeLessThan(
        2e-5,
      );
    }
    expect(execution.outside().written).toBe(0);
  });

  it("rejects a parameter that the loss does not depend on", () => {
    const unused = parameter("lonely.kernel", 3, 3);
    expect(() =>
      trainingSpec(2, [4, 4, 3], (g, x) => {
        const w = parameter("w", 48, 3);
        return {
          logits: g.apply("y", dense, { x: g.apply("flat", flatten, { x }, {}), w }, {}),
          parameters: [w, unused],
        };
      }),
    ).toThrow(
      expect.objectContaining({
        code: "INVALID_MODEL",
        message: "the loss does not depend on lonely.kernel; remove its layer or connect it to the output",
      }),
    );
  });

  it("computes no gradients that no parameter needs", () => {
    const graph = new Graph();
    const x: Tensor = { name: "x", shape: [2, 3], type: "f32", of: "samples" };
    const [w, v] = [parameter("w", 3, 3), parameter("v", 3, 3)];
    const h = graph.apply("h", dense, { x, w }, {});
    const y = graph.apply("y", dense, { x: h, w: v }, {});
    const { nodes } = differentiate(graph.applications, y, [v]);
    expect(nodes.map((node) => node.name)).toEqual(["d.y", "d.y.w"]);
  });

  it("passes on the gradient of an identity without copying", () => {
    const graph = new Graph();
    const x: Tensor = { name: "x", shape: [2, 3], type: "f32", of: "samples" };
    const [w, b] = [parameter("w", 3, 3), parameter("b", 3)];
    const h = graph.apply("h", dense, { x, w }, {});
    const y = graph.apply("y", bias, { x: h, b }, {});
    const { nodes } = differentiate(graph.applications, y, [w, b]);
    expect(nodes.map((node) => node.name)).toEqual(["d.y", "d.y.b", "d.h.w"]);
  });
});
